#!/bin/bash
# Two legs that are awaited, one behind.
# lab: members=3 size=24M
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

member 1 write-delay 0..5ms
member 1 flush-delay 1ms..10ms
member 2 write-delay 20ms..50ms
must create --raid-devices=3 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=1 --write-behind=256 \
	"${members[0]}" "${members[1]}" --write-mostly "${members[2]}"
phase array created
check "writes" labwriter --seconds 8
writing "writes while a member was away"
phase member1 fails
member 1 error write
must wait_for 30 '[[ $(md degraded) == 1 ]]'
must mdadm --quiet /dev/md0 --remove "${members[1]}"
sleep 2
member 1 error off
phase member1 comes back
must mdadm --quiet /dev/md0 --re-add "${members[1]}"
check "recovery" become_in_sync 120
stop_writing
check "stop" stop
phase stopped
