#!/bin/bash
# The only fast member fails, comes back and is filled again; the slow one serves alone meanwhile.
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

comes_back() {
	must wait_for 60 '[[ $(md degraded) == 1 ]]'
	phase member0 has failed
	sleep 2
	must wait_for 30 'mdadm --quiet /dev/md0 --remove ${members[0]}'
	member 0 error off
	phase member0 comes back
	must mdadm --quiet /dev/md0 --re-add "${members[0]}"
	check "recovery" become_in_sync 120
	phase in sync
	sleep 2
}

member 1 write-delay 10ms..30ms
create_behind max
writing "writes while the fast member came and went"
sleep 2
phase member0 errs
member 0 error write
comes_back
must mdadm --quiet /dev/md0 --fail "${members[0]}"
comes_back
stop_writing
check "stop" stop
phase stopped
