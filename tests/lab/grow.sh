#!/bin/bash
# The array grows in the middle of writing; what is added is resynced.
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

member 1 write-delay 10ms..30ms
create_behind 8M
writing "writes while it grew" --count 16384
sleep 2
for size in 12M max; do
	phase "grows to $size"
	must mdadm --quiet --grow /dev/md0 --size=$size
	sleep 1
	check "resync after growing to $size" become_in_sync 120
done
stop_writing
check "writes to what was added" labwriter --seconds 4 --from 16384
check "stop" stop
phase stopped
