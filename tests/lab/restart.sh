#!/bin/bash
# Stopped and assembled, members in either order, once with the slow member left out.
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

member 1 write-delay 20ms..50ms
create_behind max
check "writes" labwriter --seconds 3
must stop
phase stopped
must assemble "${members[1]}" "${members[0]}"
phase assembled, slow member first
check "writes after assembly" labwriter --seconds 3
must stop
phase stopped
must assemble --run "${members[0]}"
phase assembled without the slow member
check "writes without the slow member" labwriter --seconds 3
must stop
phase stopped
must assemble --run "${members[0]}"
must mdadm --quiet /dev/md0 --re-add "${members[1]}"
phase slow member re-added
writing "writes during recovery"
check "recovery" become_in_sync 120
stop_writing
check "stop" stop
phase stopped
