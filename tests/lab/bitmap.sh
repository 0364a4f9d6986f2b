#!/bin/bash
# The bitmap is taken away and comes back, with chunks of another size, in the middle of writing.
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

member 1 write-delay 20ms..50ms
create_behind max
writing "writes while bitmaps came and went"
sleep 2
for chunk in 16K 64K 1M; do
	phase no bitmap
	must mdadm --quiet --grow /dev/md0 --bitmap=none
	sleep 1.5
	phase "bitmap, chunks of $chunk"
	must mdadm --quiet --grow /dev/md0 --bitmap=internal --bitmap-chunk=$chunk --write-behind=256
	md bitmap/time_base 1
	sleep 2.5
done
stop_writing
check "stop" stop
phase stopped
