#!/bin/bash
# vm: --smp 4
# All at once, on several processors: writers that get in each other's way, readers, people who look at and change
# attributes, members that fail and come back, checks. For those who watch memory; what is written must be there, and legs be
# equal, as well.
. /tests/lib.sh
. /tests/array.sh
. /tests/debug/lib

# over_and_over COMMAND...: until the file /run/enough is there.
over_and_over() {
	while [[ ! -e /run/enough ]]; do
		"$@" >/dev/null 2>&1
	done
}

look() {
	cat /proc/mdstat /sys/block/md0/md/{,bitmap/,write_behind/,dev-a/,dev-b/}*
	sleep 0.1
}

change() {
	local backlog
	for backlog in 4 0 1 100; do
		md bitmap/backlog $backlog
		md bitmap/time_base 0.0$((backlog % 7 + 1))
		md write_behind/limit_bytes $((backlog * 65536 + 65536))
		sleep 0.3
	done
}

# write_on NAME FROM SIZE OPTION...: to a part of the array, until /run/stop-NAME is there; fio removes it.
write_on() {
	background fio --name="$1" --filename=/dev/md0 --ioengine=libaio --direct=1 --offset="$2" --size="$3" --iodepth=8 \
		--time_based --runtime=100000 --trigger-file="/run/stop-$1" --output="/run/$1" "${@:4}"
}

lose_and_readd() {
	mdadm --quiet /dev/md0 --fail "/dev/$1" && wait_for 20 "mdadm --quiet /dev/md0 --remove /dev/$1 2>/dev/null" && sleep 0.3 &&
		wait_for 20 "mdadm --quiet /dev/md0 --re-add /dev/$1 2>/dev/null" && become_in_sync 60
}

load_raid1
fast_sync
null_disk a 24 50 cache_size=1
null_disk b 24 2000 cache_size=1
must create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=4K --delay=1 --write-behind=100 --size=16M \
	/dev/a --write-mostly /dev/b
must put kept 0
write_on crowd 1M 64k --rw=randrw --bsrange=512-16k --numjobs=4 --fsync=32 && running=("$job")
write_on stream 2M 6M --rw=write --bs=4k && running+=("$job")
write_on verified 8M 1M --rw=randrw --bsrange=512-64k --verify=crc32c --verify_fatal=1 --verify_state_save=0 && running+=("$job")
background over_and_over look && running+=("$job")
background over_and_over change && running+=("$job")
for round in 1 2 3; do
	check "$round: writes go on" goes_on
	check "$round: the slow member goes and comes back" lose_and_readd b
	check "$round: a check comes to its end" scrub check
	check "$round: the fast member goes and comes back" lose_and_readd a
	check "$round: repair comes to its end" scrub repair
done
touch /run/enough /run/stop-{crowd,stream,verified}
for job in "${running[@]}"; do
	check "end of ${job##*/}" ends 60 "$job"
done
check "the bits go" clean_bits /dev/a
check "legs are equal" legs_equal /dev/a /dev/b
check "what was written first is there" has kept 0
check "stop" stop
check "the module unloads" unload_raid1
