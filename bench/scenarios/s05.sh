# shellcheck shell=bash disable=SC2034,SC2154
# vm: --icount --mem 4G --timeout 2400
# S5: 1 MiB sequential writes, 8 at a time, over chunks that are clean: to legs that take what they are given, so that the
# processor is the limit, which copies for write-behind; and to legs of 400 MiB/s each. An array that was written to never, or
# not for a while, becomes active first, which S4 and S9 measure; here it is.

leg_mib=288
# The data is forgotten: a disk does not take the processor's time to copy it.
kept_mib=16

run_scenario() {
	local rate
	for rate in 0 400; do
		leg_settings=("mbps=$rate")
		legs=$rate
		remove_disk fast
		disk fast "$fast_us"
		alone
		[[ $main_target == fast ]] || mirrored
	done
}

scenario() {
	local options=(--rw=write --bs=1m --size=128m --ioengine=libaio --iodepth=8)
	local suffix=${legs#0}
	must dd if=/dev/zero of="$device" bs=4k count=1 oflag=direct status=none
	fio_record "clean${suffix:+ $suffix MiB/s}" "${options[@]}" --offset=16m
	[[ $suffix ]] || fio_backlog_record backlog "${options[@]}" --offset=152m
}
