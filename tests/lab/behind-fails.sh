#!/bin/bash
# The slow member fails while writes are on their way to it, leaves, and comes back; then it loses its power.
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

# comes_back: after what happened to it.
comes_back() {
	must wait_for 60 '[[ $(md degraded) == 1 ]]'
	phase member1 has failed
	sleep 2
	must wait_for 30 'mdadm --quiet /dev/md0 --remove ${members[1]}'
	member 1 error off
	member 1 restore
	sleep 1
	phase member1 comes back
	must mdadm --quiet /dev/md0 --re-add "${members[1]}"
	check "recovery" become_in_sync 120
	phase in sync
	sleep 1
}

member 1 write-delay 20ms..50ms
create_behind max
writing "writes while the slow member came and went"
sleep 2
phase member1 errs
member 1 error write
comes_back
must mdadm --quiet /dev/md0 --fail "${members[1]}"
comes_back
phase member1 loses power
member 1 power-cut
comes_back
stop_writing
check "stop" stop
phase stopped
