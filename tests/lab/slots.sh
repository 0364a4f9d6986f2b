#!/bin/bash
# From two members to three and back, in the middle of writing; the third one awaited, then behind.
# lab: members=3 size=24M
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

# resize_to N: what md refuses while it looks at the members, it does later.
resize_to() {
	phase "raid-devices=$1"
	wait_for 30 "mdadm --quiet --grow /dev/md0 --raid-devices=$1 2>/dev/null"
}

# three [OPTION]: members; the new one is empty, as far as md knows.
three() {
	phase "a third member $*"
	must mdadm --quiet /dev/md0 --add "$@" "${members[2]}"
	check "from two to three$*" resize_to 3
	check "recovery of the third member$*" become_in_sync 120
	phase in sync
	sleep 2
}

two() {
	must mdadm --quiet /dev/md0 --fail "${members[2]}"
	must wait_for 30 'mdadm --quiet /dev/md0 --remove ${members[2]} 2>/dev/null'
	phase the third member has left
	sleep 1
	check "from three to two" resize_to 2
	check "the array is whole" become_in_sync 60
	phase whole
	sleep 2
}

member 1 write-delay 20ms..50ms
create_behind 16M
writing "writes while members came and went"
sleep 1
three
two
must mdadm --quiet --zero-superblock "${members[2]}"
member 2 write-delay 10ms..30ms
three --write-mostly
two
stop_writing
check "bits become clear" all_clear
check "stop" stop
phase stopped
