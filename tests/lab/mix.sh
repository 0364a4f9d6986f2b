#!/bin/bash
# Random and overlapping writes, flushes and FUA on a mirror with write-behind; bits are cleared in between.
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

member 1 write-delay 20ms..50ms
must create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=1 --write-behind=256 \
	"${members[0]}" --write-mostly "${members[1]}"
phase array created
check "labwriter" labwriter --seconds 8 --pause 10000 --window 2048
phase stopping
check "stop" stop
phase stopped
