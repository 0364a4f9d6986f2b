#!/bin/bash
# Many writers in the same few sectors, with many flushes.
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

member 0 write-delay 0..2ms
member 1 write-delay 5ms..60ms
create_behind max
check "overlapping writes" labwriter --seconds 10 --threads 12 --hot 90 --window 256 --flush 10 --fua 10
phase stopping
check "stop" stop
phase stopped
