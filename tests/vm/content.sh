#!/bin/bash
# vm: --smp 2
# What is written is there: fio with checksums on file systems and on the raw array, a check, equal legs.
. /tests/lib.sh
. /tests/array.sh

# drained: is there no backlog any more?
drained() {
	clean_bits /dev/fast && [[ $(<"/sys/block/slow/inflight") =~ ^\ *0\ *0$ ]]
}

# settled NAME: the backlog goes away, and leaves nothing that differs.
settled() {
	check "$1: backlog done" drained
	check "$1: a check finds nothing" nothing_differs
}

# again NAME: stop, compare, assemble.
again() {
	check "$1: stop" stop
	check "$1: legs are equal" legs_equal /dev/fast /dev/slow
	check "$1: assemble" assemble /dev/fast /dev/slow
	check "$1: no resync" in_sync
}

# on_file_system TYPE CHECKER MKFS-OPTION...
on_file_system() {
	check "$1: mkfs" "mkfs.$1" -q "${@:3}" /dev/md0
	check "$1: mount" mount -t "$1" /dev/md0 /mnt
	check "$1: random writes to files" fio --name=files --directory=/mnt --nrfiles=3 --filesize=1m --ioengine=libaio \
		--iodepth=8 --direct=1 --rw=randwrite --bsrange=4k-64k "${verify[@]}"
	check "$1: small files, synced" fio --name=small --directory=/mnt --nrfiles=10 --filesize=8k --ioengine=psync \
		--rw=write --bs=4k --fsync=1 "${verify[@]}"
	check "$1: copy files" eval 'cp -r /tests /mnt/ && sync'
	check "$1: unmount" umount /mnt
	check "$1: nothing to repair" "$2" -n /dev/md0
	settled "$1"
	again "$1"
	check "$1: nothing to repair after that" "$2" -n /dev/md0
	check "$1: mount again" mount -t "$1" /dev/md0 /mnt
	check "$1: the same files" diff -r /tests /mnt/tests
	check "$1: unmount" umount /mnt
}

load_raid1
fast_sync
must modprobe -a ext4 xfs
verify=(--verify=crc32c --verify_fatal=1 --verify_state_save=0)
# The slow leg takes some milliseconds: there is always a backlog.
null_disk fast 48 50
null_disk slow 48 3000
check "create" create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=1 --write-behind=256 \
	/dev/fast --write-mostly /dev/slow

on_file_system ext4 e2fsck
on_file_system xfs xfs_repair -f --unsupported

check "raw: random sizes" fio --name=raw --filename=/dev/md0 --ioengine=libaio --iodepth=16 --direct=1 --rw=randwrite \
	--bsrange=512-1m --blocksize_unaligned=0 --size=8m --numjobs=3 --offset_increment=8m "${verify[@]}"
check "raw: reads and writes" fio --name=mixed --filename=/dev/md0 --ioengine=libaio --iodepth=16 --direct=1 --rw=randrw \
	--bsrange=512-64k --offset=24m --size=4m --io_size=16m "${verify[@]}"
check "raw: through the page cache" fio --name=cached --filename=/dev/md0 --ioengine=psync --rw=randwrite --bs=4k \
	--offset=28m --size=1m --end_fsync=1 "${verify[@]}"
# Nobody knows what such writes leave, but it must be the same on both legs.
check "raw: overlapping writes" fio --name=overlap --filename=/dev/md0 --ioengine=libaio --iodepth=16 --direct=1 \
	--rw=randwrite --norandommap --bsrange=512-128k --size=1m --io_size=24m --numjobs=4
settled raw
again raw
check "stop" stop

# A check that finds nothing means something only if it can find something.
check "a leg is changed behind md's back" scribble /dev/slow 1 16
check "legs differ" no legs_equal /dev/fast /dev/slow
check "assemble" assemble /dev/fast /dev/slow
check "a check finds it" no nothing_differs
check "stop" stop
check "the module unloads" unload_raid1
