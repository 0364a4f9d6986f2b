# shellcheck shell=bash disable=SC2034,SC2154
# vm: --icount --timeout 2400
# bench: delays 0
# S10: how fast one fast leg is copied to another, and the processor's time for it. The limit is how fast one is read.

leg_mib=4096
kept_mib=16
chunk_kib=1024
twins=yes

scenario() {
	if [[ $target == fast ]]; then
		align
		look_at_clock
		run_fio --rw=read --bs=1m --size=1g --ioengine=libaio --iodepth=8
		rate_record $((1024 * 2048))
	else
		resync
	fi
}

# resync: from when it is going on until it is over, with what is copied in that time.
resync() {
	local sectors
	align
	target_recover
	sectors=$(sectors_behind)
	look_at_clock
	target_await_recovery
	rate_record $(($(sectors_behind) - sectors))
}

# look_at_clock: sets $clock and $idle to the milliseconds that went by, and to those in which there was nothing to do.
look_at_clock() {
	read -r clock idle <<<"$(</proc/uptime)"
	clock=$((10#${clock/./} * 10)) idle=$((10#${idle/./} * 10))
}

# rate_record SECTORS: so many since look_at_clock.
rate_record() {
	local begin=$clock idle_before=$idle
	look_at_clock
	[[ $target == fast ]] || (($1 >= leg_mib * 2048 * 9 / 10)) || die "$1 sectors were copied"
	record copy "$(jq -nc --argjson sectors "$1" --argjson ms $((clock - begin)) \
		--argjson busy $((clock - begin - idle + idle_before)) '($sectors / 2048) as $mib
		| { mib_s: ($mib * 1000 / $ms), cpu_per_gib_ms: ($busy * 1024 / $mib), mib: $mib }')"
}
