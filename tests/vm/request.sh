#!/bin/bash
# vm: --icount
# All kinds of requests: flush, FUA, discard, zeroes, no-wait, large ones, and such that cross chunks.
. /tests/lib.sh
. /tests/array.sh

# flushes NAME: how many flushes has that disk seen?
flushes() {
	statistic "/dev/$1" 16
}

# flushed BEFORE NAME: more than BEFORE?
flushed() {
	[[ $(flushes "$2") -gt $1 ]]
}

# rest: wait until nothing is going on.
rest() {
	clean_bits /dev/a && wait_for 20 '[[ $(statistic /dev/b 9) == 0 ]]'
}

# mirror OPTION...: of /dev/a and /dev/b, no write-behind.
mirror() {
	must create --raid-devices=2 --assume-clean --bitmap=internal --delay=1 "$@" /dev/a /dev/b
	clean_bits /dev/a || die "the bits of a new array stay set"
}

# mirror_behind OPTION...: with it.
mirror_behind() {
	must create --raid-devices=2 --assume-clean --bitmap=internal --delay=1 --write-behind=100 "$@" /dev/a \
		--write-mostly /dev/b
	clean_bits /dev/a || die "the bits of a new array stay set"
}

data_zero() {
	zero "$1" "$(($(data_offset "$1") + $2))" "$3"
}

# unmirror NAME: stop and compare.
unmirror() {
	check "$1: no backlog" rest
	check "$1: stop" stop
	check "$1: legs are equal" legs_equal /dev/a /dev/b
}

load_raid1
fast_sync
fio_small=(fio --name=f --filename=/dev/md0 --ioengine=libaio --size=1m --bs=4k --rw=randwrite --verify=crc32c
	--verify_fatal=1 --verify_state_save=0)

# Flush and FUA, on members with a write cache.
null_disk a 24 0 cache_size=1
null_disk b 24 2000 cache_size=1
mirror
before_a=$(flushes a) before_b=$(flushes b)
check "flush: fsync" dd if=/dev/zero of=/dev/md0 bs=4k count=1 seek=3 conv=fsync status=none
check "flush: reached the first member" flushed "$before_a" a
check "flush: reached the second member" flushed "$before_b" b
before_a=$(flushes a)
check "flush: FUA" dd if=/dev/zero of=/dev/md0 bs=4k count=1 seek=4 oflag=direct,dsync status=none
check "flush: made the member flush" flushed "$before_a" a
check "flush: an fsync after each write" "${fio_small[@]}" --fsync=1 --io_size=512k
check "flush: dsync writes in parallel" "${fio_small[@]}" --direct=1 --sync=dsync --iodepth=8 --io_size=512k
check "flush: fdatasync, several jobs" "${fio_small[@]}" --fdatasync=2 --numjobs=3 --offset_increment=2m --io_size=256k
unmirror flush
mirror_behind
md bitmap/time_base 300
check "flush behind: write" put 0 0
before_a=$(flushes a) before_b=$(flushes b)
check "flush behind: fsync" eval 'for i in 1 2 3; do put $i $i && sync /dev/md0; done'
check "flush behind: reached the fast member" flushed "$((before_a + 2))" a
! ours || check "flush behind: went past the slow one" no flushed "$before_b" b
md bitmap/time_base 1
before_b=$(flushes b)
check "flush behind: another write" put 4 4
check "flush behind: the bits go" clean_bits /dev/a
! ours || check "flush behind: not without a flush of the slow member" flushed "$before_b" b
check "flush behind: an fsync after each write" "${fio_small[@]}" --fsync=1 --io_size=512k
check "flush behind: dsync writes in parallel" "${fio_small[@]}" --direct=1 --sync=dsync --iodepth=8 --io_size=512k
unmirror "flush behind"
remove_null_disk a
remove_null_disk b

# Discard and zeroes.
null_disk a 24 0
null_disk b 24 2000
for kind in mirror mirror_behind; do
	$kind
	must scribble /dev/md0 8
	check "$kind: discard is offered" [ "$(<"/sys/block/md0/queue/discard_max_bytes")" -gt 0 ]
	discards=$(statistic /dev/a 12)
	check "$kind: discard" acked blkdiscard -o 1M -l 2M /dev/md0
	check "$kind: it reached the member" [ "$(statistic /dev/a 12)" -gt "$discards" ]
	check "$kind: write after it" acked put after 300
	check "$kind: no backlog" rest
	check "$kind: zero on the first" data_zero /dev/a 2048 $((300 * 8 - 2048))
	check "$kind: zero on the second" data_zero /dev/b 2048 $((300 * 8 - 2048))
	check "$kind: the write is there" has after 300
	check "$kind: nothing else" no data_zero /dev/a 0 2048
	check "$kind: zeroes" acked blkdiscard -z -o 4M -l 1M /dev/md0
	check "$kind: no backlog" rest
	check "$kind: zero on the first" data_zero /dev/a 8192 2048
	check "$kind: zero on the second" data_zero /dev/b 8192 2048
	check "$kind: writes, discards mixed" fio --name=trim --filename=/dev/md0 --ioengine=libaio --direct=1 --rw=randtrimwrite \
		--bs=16k --offset=12m --size=4m --iodepth=8 --numjobs=2
	check "$kind: discard of everything" acked blkdiscard /dev/md0
	check "$kind: all zero" zero /dev/md0 0 $((20 * 2048))
	unmirror "$kind"
done
remove_null_disk b
null_disk b 24 2000 discard=0
for kind in mirror mirror_behind; do
	$kind
	check "$kind, one that cannot discard: write" put before 5
	if [[ $(<"/sys/block/md0/queue/discard_max_bytes") -gt 0 ]]; then
		check "$kind, one that cannot discard: discard" acked blkdiscard -l 1M /dev/md0
	fi
	check "$kind, one that cannot discard: both are still there" [ "$(md degraded)" = 0 ]
	check "$kind, one that cannot discard: write again" put after 5
	check "$kind, one that cannot discard: zeroes" acked blkdiscard -z -o 2M -l 1M /dev/md0
	check "$kind, one that cannot discard: no backlog" rest
	check "$kind, one that cannot discard: zero" data_zero /dev/b 4096 2048
	check "$kind, one that cannot discard: the write is there" has after 5 /dev/b "$(data_offset /dev/b)"
	check "$kind, one that cannot discard: stop" stop
done
remove_null_disk a
remove_null_disk b

# Large requests on members that take only small ones; many chunks per request; requests that may not wait.
null_disk a 32 0 max_sectors=256
null_disk b 32 2000 max_sectors=64
mirror --bitmap-chunk=4K
check "large: the bitmap has small chunks" grep -q ' 4KB chunk' /proc/mdstat
check "large: 4 MiB at once" "${fio_small[@]}" --direct=1 --bs=4m --size=12m --rw=write --iodepth=3
check "large: across chunks" "${fio_small[@]}" --direct=1 --bsrange=512-256k --iodepth=16 --size=4m --offset=20m
check "large: sequential, odd sizes" "${fio_small[@]}" --direct=1 --bs=12800 --rw=write --size=2m --iodepth=4
check "large: bits go away" clean_bits /dev/a
unmirror large
mirror_behind --bitmap-chunk=4K
check "large behind: 4 MiB at once" "${fio_small[@]}" --direct=1 --bs=4m --size=12m --rw=write --iodepth=3
check "large behind: across chunks" "${fio_small[@]}" --direct=1 --bsrange=512-256k --iodepth=16 --size=4m --offset=20m
check "large behind: bits go away" clean_bits /dev/a
sectors=$(blockdev --getsz /dev/md0)
check "end: the last sector" dd if=/dev/zero of=/dev/md0 bs=512 seek=$((sectors - 1)) count=1 oflag=direct status=none
check "end: it is read" dd if=/dev/md0 of=/dev/null bs=512 skip=$((sectors - 1)) count=1 iflag=direct status=none
check "end: there is no more" no dd if=/dev/zero of=/dev/md0 bs=512 seek="$sectors" count=1 oflag=direct status=none
for kind in randread randwrite; do
	for engine in "io_uring --iodepth=16" "pvsync2"; do
		# shellcheck disable=SC2086 # words
		check "no-wait: $kind, $engine" fio --name=f --filename=/dev/md0 --direct=1 --bs=4k --size=4m --io_size=1m \
			--rw=$kind --ignore_error=EAGAIN,EAGAIN --ioengine=$engine --nowait=1
	done
done
check "no-wait: both members are still there" [ "$(md degraded)" = 0 ]
unmirror "large behind"
check "the module unloads" unload_raid1
