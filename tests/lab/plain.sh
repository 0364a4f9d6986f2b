#!/bin/bash
# Without write-behind: two legs, both a little slow, both awaited.
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

member 0 write-delay 0..3ms
member 1 write-delay 0..5ms
member 1 flush-delay 1ms..10ms
must create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=1 "${members[@]}"
phase array created
check "writes" labwriter --seconds 10 --hot 40
check "bits become clear" all_clear
check "stop" stop
phase stopped
