#!/bin/bash
# So few writes may be behind that the limit is always reached; then one member hangs.
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

member 1 write-delay 20ms..50ms
create_behind max --write-behind=4
check "writes at the limit" labwriter --seconds 6
must mdadm --quiet --grow /dev/md0 --bitmap=none
must mdadm --quiet --grow /dev/md0 --bitmap=internal --bitmap-chunk=64K --write-behind=2000
phase a longer backlog
writing "writes while the slow member hung" --pause 30000
sleep 1
hang 1 write
phase member1 hangs
sleep 4
resume 1
phase member1 goes on
sleep 1
stop_writing
check "stop" stop
phase stopped
