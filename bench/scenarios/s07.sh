# shellcheck shell=bash disable=SC2034,SC2154
# vm: --icount --timeout 2400
# bench: delays 0
# S7: what a 4 KiB write to a dirty chunk costs the processor. Two legs that complete at once; nobody ever waits, and time is
# instructions.

leg_settings=(irqmode=0)
fast_us=0
twins=yes
# Of virtual time: see scripts/vm --icount.
ns_per_instruction=2
writes=20000
declare -A bare

run_scenario() {
	for bitmap in "${bitmaps[@]}"; do
		alone
		[[ $main_target == fast ]] || mirrored
	done
}

scenario() {
	instructions qd1 --ioengine=psync
	instructions qd16 --ioengine=libaio --iodepth=16
}

# instructions VARIANT OPTION...: to 64 chunks. Those of the bare disk are subtracted: what is left is the mirror's own, the
# second leg included.
instructions() {
	local options=(--bs=4k --size=4m) leg idle cost
	align
	run_fio --rw=write:60k "${options[@]}" --ioengine=psync
	leg=$(leg_writes)
	run_fio --rw=randwrite --norandommap "${options[@]}" --io_size=$((writes * 4))k "${@:2}" \
		--exec_prerun='cp /proc/uptime /run/before' --exec_postrun='cp /proc/uptime /run/after'
	only_json
	idle=$(($(idle_ms /run/after) - $(idle_ms /run/before))) leg=$(($(leg_writes) - leg))
	((leg >= writes && leg <= writes + writes / 1000)) || die "not only data: $leg writes of a leg for $writes"
	((idle <= 20)) || die "the processor was idle for $idle ms"
	cost=$(jq --argjson ns $ns_per_instruction '.jobs[0].write | .runtime * 1e6 / .total_ios / $ns | round' /run/fio.json)
	[[ $target != fast ]] || bare[$1]=$cost
	record "bitmap $bitmap $1" "{\"instructions\": $cost, \"own_instructions\": $((cost - bare[$1])),
		\"ios\": $writes}" "$(fio_parameters)"
}

# leg_writes: how many the fast leg has been given, those that it merged included.
leg_writes() {
	echo $(($(statistic /dev/fast 5) + $(statistic /dev/fast 6)))
}

# idle_ms UPTIME: for how long the processor had had nothing to do.
idle_ms() {
	local idle
	read -r _ idle <"$1"
	echo $((10#${idle/./} * 10))
}
