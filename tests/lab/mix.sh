#!/bin/bash
# Random writes of all sizes, flushes and FUA on a mirror with write-behind; the window of writing moves on, and bits are
# cleared behind it.
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

member 1 write-delay 20ms..50ms
create_behind max
check "writes, flushes, reads" labwriter --seconds 10
phase writing ended
check "bits become clear" all_clear
phase clear
check "more writes" labwriter --seconds 3
check "stop" stop
phase stopped
