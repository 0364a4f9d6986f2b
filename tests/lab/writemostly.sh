#!/bin/bash
# Members become WriteMostly and cease to be, in the middle of writing.
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

# flag MEMBER STATE
flag() {
	phase "member$1 $2"
	must md "dev-$(basename "$(readlink "${members[$1]}")")/state" "$2"
	sleep 1.5
}

member 1 write-delay 20ms..50ms
create_behind max
writing "writes while flags changed"
sleep 2
for _ in 1 2 3; do
	flag 1 -writemostly
	flag 1 writemostly
done
flag 0 writemostly
flag 1 -writemostly
flag 0 -writemostly
flag 1 writemostly
stop_writing
check "stop" stop
phase stopped
