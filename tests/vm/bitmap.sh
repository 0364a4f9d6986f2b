#!/bin/bash
# vm: --icount
# The bitmap: what tools show of it, when its bits go away, adding and removing it; and the array's limits.
. /tests/lib.sh
. /tests/array.sh

# shows TEXT COMMAND...: does its output have a line like that?
shows() {
	"${@:2}" >/run/shows
	grep -qE "$1" /run/shows || {
		cat /run/shows
		return 1
	}
}

load_raid1
fast_sync
null_disk fast 32 0
null_disk slow 32 0

check "create with write-behind" create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=1 \
	--write-behind=300 /dev/fast --write-mostly /dev/slow
check "no resync with --assume-clean" in_sync
for member in /dev/fast /dev/slow; do
	check "$member: all bits are cleared" clean_bits $member
	check "$member: version" shows ' Version : 4$' mdadm -X $member
	check "$member: state" shows ' State : OK$' mdadm -X $member
	check "$member: chunk size" shows ' Chunksize : 64 KB$' mdadm -X $member
	check "$member: daemon period" shows ' Daemon : 1s flush period$' mdadm -X $member
	check "$member: write-behind" shows ' Write Mode : Allow write behind, max 300$' mdadm -X $member
	check "$member: size" shows " Sync Size : $(md component_size) " mdadm -X $member
	check "$member: bits" shows " Bitmap : $(($(md component_size) / 64)) bits \(chunks\)" mdadm -X $member
	check "$member: same array" [ "$(mdadm -X $member | sed -n 's/ *UUID : //p')" = "$(mdadm -E $member | sed -n 's/ *Array UUID : //p')" ]
done
check "mdstat: members" shows '^md0 : active raid1 slow\[1\]\(W\) fast\[0\]$' cat /proc/mdstat
check "mdstat: in sync" shows ' \[2/2\] \[UU\]$' cat /proc/mdstat
check "mdstat: bitmap" shows '^ *bitmap: [0-9]+/[0-9]+ pages \[[0-9]+KB\], 64KB chunk$' cat /proc/mdstat
check "detail: bitmap" shows 'Intent Bitmap : Internal$' mdadm -D /dev/md0
check "detail: policy" shows 'Consistency Policy : bitmap$' mdadm -D /dev/md0
check "detail: state" shows 'State : (clean|active) $' mdadm -D /dev/md0
check "detail: write-mostly" shows 'active sync writemostly +/dev/slow$' mdadm -D /dev/md0

check "write to three chunks" eval 'put a 0 && put b 100 && put c 1000'
bits=$(dirty_bits /dev/fast)
check "three bits at most are set ($bits)" [ "$bits" -le 3 ]
check "the bits go away" clean_bits /dev/fast
if ours; then
	check "the other copy sleeps" asleep /dev/slow
else
	check "on the other as well" clean_bits /dev/slow
fi
check "legs are equal" legs_equal /dev/fast /dev/slow
md bitmap/time_base 60
check "write" put d 200
check "its bit is set" [ "$(dirty_bits /dev/fast)" = 1 ]
ours || check "on the other as well" [ "$(dirty_bits /dev/slow)" = 1 ]
check "stop" stop
check "no bit is set after a stop" [ "$(dirty_bits /dev/fast) $(dirty_bits /dev/slow)" = "0 0" ]
events=$(mdadm -E /dev/fast | sed -n 's/ *Events : //p')
for member in /dev/fast /dev/slow; do
	check "$member: events are the array's ($events)" shows " Events : $events\$" mdadm -X $member
done
check "assemble" assemble /dev/fast /dev/slow
check "no resync" in_sync
check "what was set is remembered" [ "$(md bitmap/time_base) $(md bitmap/backlog)" = "60 300" ]
check "a bit can be set by hand" md bitmap_set_bits 3
check "it is set" [ "$(dirty_bits /dev/fast)" = 1 ]
check "it outlives a stop" stop
check "it makes a resync" assemble /dev/fast /dev/slow
md bitmap/time_base 1
check "which ends" become_in_sync
check "and clears it" clean_bits /dev/fast

# writes: goes on writing numbers until it is told to stop.
writes() {
	local i=0
	while [[ ! -e /run/stop ]]; do
		put "$((i += 1))" $((i % 7000)) || return
	done
}

background writes
writer=$job
check "remove the bitmap while writing" mdadm --quiet --grow --bitmap=none /dev/md0
check "detail: no bitmap" shows 'Consistency Policy : resync$' mdadm -D /dev/md0
check "mdstat: no bitmap" no shows bitmap cat /proc/mdstat
check "no bitmap on disk" no mdadm -X /dev/fast
check "add one" mdadm --quiet --grow --bitmap=internal --bitmap-chunk=32K --write-behind=77 /dev/md0
check "mdstat: bitmap" shows '32KB chunk$' cat /proc/mdstat
check "bitmap on disk" shows ' Chunksize : 32 KB$' mdadm -X /dev/slow
check "write-behind on disk" shows ' max 77$' mdadm -X /dev/fast
check "remove it again" mdadm --quiet --grow --bitmap=none /dev/md0
check "add another" mdadm --quiet --grow --bitmap=internal /dev/md0
touch /run/stop
check "all writes succeeded" ends 20 $writer
check "a check finds nothing" nothing_differs
check "stop" stop
check "legs are equal" legs_equal /dev/fast /dev/slow
remove_null_disk fast
remove_null_disk slow

null_disk small 16 0 blocksize=512 max_sectors=64
null_disk large 32 0 blocksize=4096
for order in "/dev/small /dev/large" "/dev/large /dev/small"; do
	# shellcheck disable=SC2086 # two names
	check "create over $order" create --raid-devices=2 --bitmap=internal $order
	check "size is that of the smaller" [ "$(md component_size)" -le 16384 ]
	check "all of the smaller is used" [ "$(md component_size)" -ge 14000 ]
	check "block size is that of the larger blocks" [ "$(<"/sys/block/md0/queue/logical_block_size")" = 4096 ]
	check "requests are as small as one member wants" [ "$(<"/sys/block/md0/queue/max_hw_sectors_kb")" -le 32 ]
	check "no rotation" [ "$(<"/sys/block/md0/queue/rotational")" = 0 ]
	check "first sync" become_in_sync
	check "write" put limits 11
	check "write 1 MiB" dd if=/dev/urandom of=/dev/md0 bs=1M count=1 oflag=direct status=none
	check "not less than a block" no dd if=/dev/zero of=/dev/md0 bs=512 count=1 oflag=direct status=none
	check "stop" stop
	check "legs are equal" legs_equal /dev/small /dev/large
done
remove_null_disk small
remove_null_disk large

null_disk a 16 0 cache_size=1
null_disk b 16 0
check "create over a member with a write cache" create --raid-devices=2 --assume-clean --bitmap=internal /dev/a /dev/b
check "the array has a write cache" [ "$(<"/sys/block/md0/queue/write_cache")" = "write back" ]
check "stop" stop
check "the module unloads" unload_raid1

# ---- bitmaps in files ----

# refused COMMAND...: does it fail, and does the log say why?
refused() {
	dmesg --clear
	! "$@" 2>/dev/null && dmesg | grep -q 'md/raid1wb:md0: bitmaps in files are not supported; use an internal bitmap$'
}

# members: what is on them.
members() {
	blockdev --flushbufs /dev/a /dev/b && sha256sum /dev/a /dev/b
}

ours || exit 0
null_disk files 16 0
must mke2fs -q -t ext4 /dev/files
must mount /dev/files /mnt
must modprobe raid1
check "a file: the kernel's raid1 makes the array" create --raid-devices=2 --assume-clean --bitmap=/mnt/kernels /dev/a /dev/b
check "a file: the bitmap is there" shows ' Bitmap : ' mdadm -X /mnt/kernels
check "a file: write" put theirs 5
check "a file: stop" stop
must rmmod raid1
load_raid1
before=$(members)
check "a file: assembly is refused" refused assemble --bitmap=/mnt/kernels /dev/a /dev/b
check "a file: no array is left" [ ! -e /sys/block/md0/md/array_state ]
check "a file: nothing was written to members" diff <(echo "$before") <(members)
check "a file: without it, the array is there" assemble /dev/a /dev/b
check "a file: its data as well" has theirs 5
check "a file: a running array does not get one" refused mdadm --quiet --grow /dev/md0 --bitmap=/mnt/grown
check "a file: the array runs on without" shows 'Consistency Policy : resync$' mdadm -D /dev/md0
check "a file: write" acked put ours 6
check "a file: a bitmap on the members instead" mdadm --quiet --grow /dev/md0 --bitmap=internal
check "a file: stop" stop
check "a file: legs are equal" legs_equal /dev/a /dev/b
check "a file: creation is refused" refused create --raid-devices=2 --assume-clean --bitmap=/mnt/ours /dev/a /dev/b
check "a file: no array is left" [ ! -e /sys/block/md0/md/array_state ]
check "the module unloads" unload_raid1
