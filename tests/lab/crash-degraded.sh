#!/bin/bash
# The power fails; the fast member is started alone, written to, and dies as well; then the slow one comes back to it.
# lab: boots=3
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
	phase second boot, fast member alone
	must assemble --run "${members[0]}"
	writing "writes to the fast member alone"
	sleep 4
	power_off
	;;
3)
	phase third boot, fast member alone
	must assemble --run "${members[0]}"
	check "writes" labwriter --seconds 2
	phase slow member re-added
	must mdadm --quiet /dev/md0 --re-add "${members[1]}"
	writing "writes during recovery"
	check "recovery" become_in_sync 120
	stop_writing
	check "legs are equal" nothing_differs
	check "stop" stop
	phase stopped
	;;
esac
