#!/bin/bash
# Written to while the first resync, a check and a repair go on.
# lab: size=16M
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

must scribble "${members[0]}"
member 1 write-delay 5ms..20ms
must create --raid-devices=2 --bitmap=internal --bitmap-chunk=64K --delay=1 --write-behind=256 "${members[0]}" \
	--write-mostly "${members[1]}"
phase array created
writing "writes during resync, check and repair"
check "resync" become_in_sync 120
phase in sync
check "a check finds no difference" nothing_differs
phase repair
check "a repair finds no difference" [ "$(scrub repair)" == 0 ]
stop_writing
check "stop" stop
phase stopped
