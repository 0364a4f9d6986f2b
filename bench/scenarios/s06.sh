# shellcheck shell=bash disable=SC2034,SC2154
# vm: --icount --mem 2G --timeout 2400
# bench: delays 20,100
# S6: 4 KiB writes at random while the slow leg gets all data anew, at full speed; for as long as that takes. A leg of 1 ms has
# them before fio has begun.

leg_mib=512
chunk_kib=65536
kept_mib=16

scenario() {
	local options=(--rw=randwrite --norandommap --bs=4k --ioengine=psync) writer sectors begin end
	if [[ $target == fast ]]; then
		fio_record recovery "${options[@]}" --number_ios=1000
		return
	fi
	align
	target_recover
	sectors=$(sectors_behind)
	begin=$(now)
	(run_fio "${options[@]}" --time_based --runtime=1000 >/run/stopped) &
	writer=$!
	target_await_recovery
	end=$(now)
	stop_fio "$writer"
	sectors=$(($(sectors_behind) - sectors))
	((sectors >= leg_mib * 2048 * 8 / 10)) || die "recovery wrote $sectors sectors only"
	check_coverage $((end - begin))
	record recovery "$(fio_metrics | jq -c ". + {recovery_mib_s: ($sectors / 2.048 / $((end - begin)))}")" \
		"$(fio_parameters)"
}

# stop_fio JOB: it reports what it did so far, and that somebody stopped it.
stop_fio() {
	pkill -TERM -x fio
	wait "$1"
	only_json
}

# check_coverage MILLISECONDS: recovery took so long. Did fio write during most of it, and enough?
check_coverage() {
	jq -e --argjson ms "$1" '.jobs[0].write | .runtime > $ms * 0.8 and .runtime < $ms * 1.1 and .total_ios >= 50' \
		/run/fio.json >/run/coverage ||
		die "recovery took $1 ms; fio: $(jq -c '.jobs[0].write | { runtime, total_ios }' /run/fio.json)"
}
