#!/bin/bash
# Writes to one range hang on the slow member, so long that everything else there becomes clean: the bits of the range may
# not. The kernel's raid1 clears them.
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

create_behind max
held=$(($(data_offset "${members[1]}") * 512))
check "writes elsewhere" labwriter --seconds 3 --from 8192
phase "member1 holds writes up"
hang 1 write "$held+1048576"
# Fewer than a member has room for: the others must get through. They do not overlap, and so wait for nobody.
for ((i = 0; i < 6; i++)); do
	check "write $i that hangs" labwriter --requests 1 --threads 1 --from $((i * 256)) --count 256 --flush 0 --fua 0 --read 0
done
check "writes elsewhere meanwhile" labwriter --seconds 6 --from 8192
sleep 5
phase "member1 lets writes through"
resume 1
check "bits become clear" all_clear
check "stop" stop
phase stopped
