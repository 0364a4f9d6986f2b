#!/bin/bash
# Disks that know FUA.
# lab: disks=scsi
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

member 1 write-delay 20ms..50ms
member 0 flush-delay 1ms..4ms
create_behind max
check "writes with FUA" labwriter --seconds 10 --fua 30
check "stop" stop
phase stopped
