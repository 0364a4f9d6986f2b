# shellcheck shell=bash disable=SC2034,SC2154
# vm: --icount --mem 2G --timeout 2400
# bench: targets raid1wb raid1 raid1-nobitmap dm-raid
# S9: legs of 8 TiB: how long it takes from nothing to the first write, and how much memory that and writes everywhere take.

leg_mib=8388608
kept_mib=16
# So that what was written everywhere is still dirty when memory is counted.
daemon_s=30

# Bits of 64 MiB, which mdadm takes by itself, and as fine as there is room for. (DRBD's bitmap, 256 MiB at each end, does not fit
# in what these disks keep.)
run_scenario() {
	target=$main_target
	if [[ ${bitmaps[0]} == none ]]; then
		chunk_kib=0
		start_up "no bitmap"
		return
	fi
	for chunk_kib in 65536 16384; do
		start_up "$((chunk_kib / 1024)) MiB a bit"
	done
}

# start_up VARIANT
start_up() {
	local begin start first free=()
	target_up
	# An array that has been in use.
	must dd if=/dev/zero of="$device" bs=4k count=1 oflag=direct status=none
	drain
	target_stop
	free+=("$(free_kib)")
	begin=${EPOCHREALTIME/./}
	target_start
	start=$(((${EPOCHREALTIME/./} - begin) / 1000))
	must dd if=/dev/zero of="$device" bs=4k count=1 oflag=direct status=none
	first=$(((${EPOCHREALTIME/./} - begin) / 1000))
	drain
	free+=("$(free_kib)")
	# 32 GiB apart: one for every page of counters, even with the finest bits.
	run_fio --rw=write:33554428k --bs=4k --number_ios=255 --ioengine=libaio --iodepth=64
	jq -e '.jobs[0].write.total_ios == 255' /run/fio.json >/run/everywhere || die "not everywhere was written"
	drain
	free+=("$(free_kib)")
	record "$1" "{\"start_ms\": $start, \"first_write_ms\": $first, \"memory_kib\": $((free[0] - free[1])),
		\"memory_written_kib\": $((free[0] - free[2]))}" "{\"leg_mib\": $leg_mib, \"chunk_kib\": $chunk_kib}"
	target_down
}

# free_kib: memory that nobody uses, with caches dropped; what the processor keeps at hand for itself is free as well.
free_kib() {
	local i
	for i in 1 2 3; do
		sync
		echo 3 >/proc/sys/vm/drop_caches
		sleep 0.5
	done
	cat /proc/sys/vm/stat_refresh
	awk '$1 == "nr_free_pages" || $1 == "count:" { pages += $2 } END { print pages * 4 }' /proc/zoneinfo
}
