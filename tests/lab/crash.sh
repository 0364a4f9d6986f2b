#!/bin/bash
# The power fails twice in the middle of writing, the second time during the resync after the first.
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
	phase second boot
	member 1 write-delay 100ms..200ms
	must assemble "${members[@]}"
	writing "writes during resync"
	sleep 3
	power_off
	;;
3)
	phase third boot
	must assemble "${members[1]}" "${members[0]}"
	check "resync" become_in_sync 120
	check "legs are equal" nothing_differs
	check "writes" labwriter --seconds 3
	check "stop" stop
	phase stopped
	;;
esac
