#!/bin/bash
# Members are replaced while they work, in the middle of writing: the fast one, then the slow one; and one replacement that
# fails half-way.
# lab: members=3 size=24M
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

attribute() {
	echo "dev-$(basename "$(readlink "${members[$1]}")")/$2"
}

# state MEMBER WORD: does md say that of it?
state() {
	[[ ,$(md "$(attribute "$1" state)"), == *",$2,"* ]]
}

# becomes MEMBER SLOT: a member in sync like any other?
becomes() {
	wait_for 120 "[[ \$(md \$(attribute $1 slot)) == $2 ]] && state $1 in_sync && ! state $1 replacement" && become_in_sync 120
}

# leaves MEMBER: md lets go of it. What it holds counts no more, but is there.
leaves() {
	wait_for 60 "state $1 faulty" && wait_for 30 "mdadm --quiet /dev/md0 --remove ${members[$1]} 2>/dev/null"
}

# replace OLD NEW
replace() {
	phase "member$1 is being replaced with member$2"
	mdadm --quiet --zero-superblock "${members[$2]}" 2>/dev/null
	mdadm --quiet /dev/md0 --add-spare "${@:3}" "${members[$2]}" &&
		mdadm --quiet /dev/md0 --replace "${members[$1]}" --with "${members[$2]}"
}

member 1 write-delay 20ms..50ms
create_behind 16M
writing "writes while members were replaced"
sleep 1
check "the fast member" replace 0 2
check "the fast member: its slot is taken" becomes 2 0
phase member2 has replaced member0
check "the fast member: it leaves" leaves 0
sleep 2
member 0 write-delay 10ms..30ms
check "the slow member" replace 1 0 --write-mostly
check "the slow member: its slot is taken" becomes 0 1
phase member0 has replaced member1
check "the slow member: it leaves" leaves 1
sleep 2
must md sync_max 8192
check "a replacement that fails" replace 2 1
check "a replacement that fails: half-way" wait_for 60 '[[ $(md sync_completed) == 8192* ]]'
must mdadm --quiet /dev/md0 --fail "${members[1]}"
phase member1 has failed
must md sync_max max
check "a replacement that fails: it leaves" leaves 1
check "a replacement that fails: the array is whole" become_in_sync 60
sleep 1
stop_writing
check "bits become clear" clean_bits "${members[2]}"
check "stop" stop
phase stopped
