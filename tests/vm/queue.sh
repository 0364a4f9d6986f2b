#!/bin/bash
# vm: --icount
# Overlapping writes, on a slow leg that does not keep their order; what a hot block costs it; limits; a leg that hangs.
. /tests/lib.sh
. /tests/array.sh

behind=/sys/block/md0/md/write_behind

# number NAME: of md/write_behind.
number() {
	cat "$behind/$1"
}

# drained LEG: is nothing on its way there?
drained() {
	wait_for 60 '! ours || [[ $(number backlog_writes) == 0 ]]' && wait_for 10 '[[ $(statistic '"$1"' 9) == 0 ]]'
}

# storm SIZE SEED [OPTION]...: overlapping writes to 256 KiB, many at a time, of up to SIZE.
storm() {
	fio --name=storm --filename=/dev/md0 --direct=1 --ioengine=libaio --iodepth=32 --rw=randwrite --norandommap \
		--bsrange="512-$1" --bs_unaligned=0 --size=256k --io_size=2m --randseed="$2" "${@:3}"
}

create_behind() {
	must create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=1 --data-offset=1M \
		--write-behind=256 "$1" --write-mostly "$2"
	clean_bits "$1" || die "the bits of a new array stay set"
}

load_raid1
fast_sync

# One request at a time, and of those that wait that with the lowest sector next: a later write overtakes an earlier one
# that it overlaps, if both are there. It is slow even for a kernel on which everything takes long.
null_disk fast 24 50
null_disk jumbling 24 $((1000 * ${PATIENCE:-1} ** 2)) hw_queue_depth=1
must modprobe mq-deadline
echo mq-deadline >/sys/block/jumbling/queue/scheduler || die "set-up: the scheduler"
create_behind /dev/fast /dev/jumbling
for seed in 1 2 3; do
	check "overlapping writes ($seed)" storm 64k "$seed"
	check "all is written ($seed)" drained /dev/jumbling
	check "legs are equal ($seed)" legs_equal /dev/fast /dev/jumbling
done
check "overlapping writes and flushes" storm 16k 4 --fsync=8
check "overlapping writes and discards" storm 64k 5 --rw=randtrimwrite
check "all is written in the end" drained /dev/jumbling
check "legs are equal in the end" legs_equal /dev/fast /dev/jumbling
check "what was written is read" fio_verify --size=4m

# A hot block.
if ours; then
	check "idle" drained /dev/jumbling
	before=$(number dropped_writes) sent=$(statistic /dev/jumbling 5)
	check "a hot block" fio --name=hot --filename=/dev/md0 --direct=1 --ioengine=psync --rw=write --bs=4k --size=4k \
		--io_size=4m
	check "all of it is written" drained /dev/jumbling
	sent=$(($(statistic /dev/jumbling 5) - sent))
	check "the slow leg gets a small part: $sent of 1024" [ "$sent" -lt 256 ]
	check "... and all others are counted" [ $(($(number dropped_writes) - before + sent)) -ge 1024 ]
	check "legs are equal after a hot block" legs_equal /dev/fast /dev/jumbling
fi
check "stop" stop
ours || exit 0

# Limits, changed under way, and a leg that hangs.
fast=/dev/mapper/fast2 slow=/dev/mapper/slow
cut_leg fast2 24
slow_leg slow 24
create_behind $fast $slow
check "limit in bytes: a number only" no eval 'echo many >$behind/limit_bytes'
check "limit in bytes: not negative" no eval 'echo -1 >$behind/limit_bytes'
check "limit in bytes: set it" eval 'echo 65536 >$behind/limit_bytes'
check "limit in bytes: it is what was set" [ "$(number limit_bytes)" = 65536 ]
check "limit in bytes: below it writes go behind" acked dd if=/dev/zero of=/dev/md0 bs=64k count=1 oflag=direct
background dd if=/dev/zero of=/dev/md0 bs=64k seek=1 count=1 oflag=direct
writer=$job
check "limit in bytes: the next one is counted" wait_for 10 '[[ $(number waited_limit_bytes) == 1 ]]'
check "limit in bytes: ... and waits for the slow leg" running "$writer"
check "limit in bytes: raise it" eval 'echo 262144 >$behind/limit_bytes'
check "limit in bytes: writes go behind again" acked dd if=/dev/zero of=/dev/md0 bs=64k seek=2 count=1 oflag=direct
check "overlapping writes go behind as well" acked dd if=/dev/zero of=/dev/md0 bs=4k seek=1 count=1 oflag=direct
check "a leg that hangs: fail it" acked mdadm --quiet /dev/md0 --fail $slow
check "a leg that hangs: who waited for it goes on" ends 20 "$writer"
check "a leg that hangs: writes go on" acked dd if=/dev/zero of=/dev/md0 bs=64k seek=2 count=1 oflag=direct
open_leg slow
check "a leg that hangs: it can be removed when it answers" wait_for 20 'mdadm --quiet /dev/md0 --remove $slow 2>/dev/null'
check "a leg that hangs: it comes back" mdadm --quiet /dev/md0 --re-add $slow
check "a leg that hangs: recovery" become_in_sync
check "the bits go" clean_bits $fast
check "stop again" stop
check "legs are equal again" legs_equal $fast /dev/slow-disk
check "the module unloads" unload_raid1
