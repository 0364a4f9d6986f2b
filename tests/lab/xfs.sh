#!/bin/bash
# XFS, with all kinds of file operations; the power fails, and the file system is sound again.
# lab: size=48M boots=2
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

member 1 write-delay 10ms..30ms
modprobe xfs
# XFS takes so small a device only for tests.
export TEST_DIR=1 TEST_DEV=1 QA_CHECK_FS=1
case $LAB_BOOT in
1)
	create_behind max
	must mkfs.xfs -q -m reflink=0 /dev/md0
	must mount -o discard /dev/md0 /mnt
	phase mounted
	background /tools/labfiles /mnt --seed "$LAB_SEED" --seconds 60 --pause 20000
	sleep 12
	power_off
	;;
2)
	phase second boot
	must assemble "${members[@]}"
	must mount /dev/md0 /mnt
	check "files after a crash" /tools/labfiles /mnt --seed "$((LAB_SEED + 1))" --seconds 5 --pause 20000
	must umount /mnt
	check "the file system is sound" xfs_repair -n /dev/md0
	check "resync" become_in_sync 120
	check "legs are equal" nothing_differs
	check "stop" stop
	phase stopped
	;;
esac
