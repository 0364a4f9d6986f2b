#!/bin/bash
# The array becomes read-only and writable again between writes, and falls asleep.
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

member 1 write-delay 20ms..50ms
create_behind max
for _ in 1 2 3; do
	check "writes" labwriter --seconds 2
	must wait_for 30 'mdadm --quiet --readonly /dev/md0 2>/dev/null'
	phase read-only
	sleep 1
	must mdadm --quiet --readwrite /dev/md0
	phase writable
done
check "writes" labwriter --seconds 2
check "bits become clear" all_clear
sleep 3
check "stop" stop
phase stopped
