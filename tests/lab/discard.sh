#!/bin/bash
# Discards among the writes.
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

member 1 write-delay 20ms..50ms
create_behind max
check "writes and discards" labwriter --seconds 10 --discard 15 --hot 40
check "stop" stop
phase stopped
