# shellcheck shell=bash disable=SC2034,SC2154
# vm: --icount --timeout 1200
# bench: delays 20,100
# S8: 4 KiB reads at random while writes are behind; then with only the slow leg left. A leg of 1 ms is not always behind.

scenario() {
	local options=(--rw=randread --norandommap --bs=4k --ioengine=psync)
	reads_while_written "${options[@]}" --number_ios=5000
	[[ $target == fast ]] || target_lose_fast
	fio_record left "${options[@]}" --number_ios=200
	[[ $target == fast ]] || jq -e --argjson us $((slow_ms * 1000)) '.jobs[0].read.clat_ns.min / 1000 >= $us' /run/fio.json \
		>/run/slow || die "the slow leg was not read"
}

# reads_while_written OPTION...: somebody else writes to 256 chunks that are dirty, some 16 writes behind at a time if that is
# not too many a second. He takes processor's time; so he does beside the fast device alone, too.
reads_while_written() {
	local writer sampler rate=$((16000 / slow_ms)) samples
	make_dirty 256
	align
	fio --name=behind --filename="$device" --direct=1 --rw=randwrite --norandommap --bs=4k --size=16m --ioengine=libaio \
		--iodepth=64 --rate_iops=$((rate < 3000 ? rate : 3000)) --time_based --runtime=1000 >/run/writer &
	writer=$!
	[[ $target == fast ]] || wait_for 10 '[[ $(backlog) != 0 ]]' || die "nothing is behind"
	sleep 0.5
	sample_behind >/run/samples &
	sampler=$!
	run_fio "$@"
	kill "$sampler"
	wait "$sampler"
	kill "$writer"
	wait "$writer"
	samples=$(jq -sc '{ samples: length, behind: (add / length), none: (map(select(. == 0)) | length) }' /run/samples)
	[[ $target == fast ]] || jq -e '.samples >= 5 and .none <= .samples / 10' <<<"$samples" >/run/enough ||
		die "not always behind: $samples"
	record behind "$(fio_metrics | jq -c --argjson samples "$samples" '. + { behind: $samples.behind }')" \
		"$(fio_parameters)"
	drain
}

# sample_behind: how many writes are, every 50 ms: looking costs time as well.
sample_behind() {
	while look_behind; do
		echo "$behind"
		sleep 0.05
	done
}
