#!/bin/bash
# The power fails, and the fast member is gone: the slow one is started alone; later the fast one is put back.
# lab: boots=2
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

member 1 write-delay 20ms..50ms
case $LAB_BOOT in
1)
	create_behind max
	writing "writes until a crash"
	sleep 5
	power_off
	;;
2)
	# What only the fast member had is lost: that is the bargain of write-behind.
	mark forget
	phase second boot, slow member alone
	must assemble --run "${members[1]}"
	check "writes" labwriter --seconds 3
	phase fast member put back
	must mdadm --quiet /dev/md0 --re-add "${members[0]}"
	writing "writes during recovery"
	check "recovery" become_in_sync 120
	stop_writing
	check "legs are equal" nothing_differs
	check "stop" stop
	phase stopped
	;;
esac
