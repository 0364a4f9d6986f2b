#!/bin/bash
# vm: --smp 2 --timeout 600
# Members that are replaced while they work, while fio writes; begun by one personality, and finished by the other.
. /tests/lib.sh
. /tests/array.sh

slot() {
	md "dev-${1#/dev/}/slot"
}

# becomes MEMBER SLOT: a member in sync like any other?
becomes() {
	wait_for 60 "[[ \$(slot $1) == $2 ]] && in_state $1 in_sync && ! in_state $1 replacement" && become_in_sync 60
}

# leaves MEMBER: md has let go of it, as if it had failed.
leaves() {
	wait_for 60 "[[ \$(slot $1) == none ]] && in_state $1 faulty" && wait_for 20 "mdadm --quiet /dev/md0 --remove $1 2>/dev/null"
}

# role MEMBER TEXT: does its superblock say so?
role() {
	wait_for 20 "mdadm --examine $1 | grep -q 'Device Role : $2'"
}

# replace MEMBER NEW: NEW is added for it.
replace() {
	mdadm --quiet --zero-superblock "$2"
	mdadm --quiet /dev/md0 --add-spare "$2" && mdadm --quiet /dev/md0 --replace "$1" --with "$2"
}

# half_way MEMBER NEW: the same, but it does not come to its end.
half_way() {
	md sync_max 12288 && replace "$1" "$2" && wait_for 60 '[[ $(md sync_completed) == 12288* ]]' && in_state "$2" replacement
}

# swap MODE: the array is stopped; the other personality takes it.
swap() {
	check "the array stops" stop
	check "$2 was being replaced" role "$3" 'Replacement device'
	check "the module unloads" unload_raid1
	MODE=$1
	load_raid1
	check "$1: it is assembled" mdadm --quiet --assemble --readonly /dev/md0 "${@:2}"
	check "$1: it is whole" [ "$(md degraded)" == 0 ]
	check "$1: $3 is a replacement" in_state "$3" replacement
	check "$1: it goes on" mdadm --quiet --readwrite /dev/md0
	check "$1: $3 gets the slot" becomes "$3" 0
	check "$1: $2 leaves" leaves "$2"
	check "$1: a check finds nothing" nothing_differs
}

load_raid1
fast_sync
null_disk a 32 50
null_disk b 32 2000
null_disk c 32 50
null_disk d 32 50
must create --raid-devices=2 --bitmap=internal --bitmap-chunk=64K --delay=1 --write-behind=100 /dev/a --write-mostly /dev/b
must become_in_sync

start_writing
check "the fast one, half-way" half_way /dev/a /dev/c
check "it is whole" [ "$(md degraded)" == 0 ]
check "md shows a replacement" grep -q ' c\[[0-9]*\](R)' /proc/mdstat
! ours || check "it has a directory" directory slot0-replacement /dev/c
! ours || check "the old one keeps its own" directory slot0 /dev/a
check "md shows two members" grep -q '\[2/2\] \[UU\]' /proc/mdstat
check "the old one is not given its slot again" no md dev-c/slot 1
check "go on" md sync_max max
check "it gets the slot" becomes /dev/c 0
! ours || check "and its directory" directory slot0 /dev/c
! ours || check "it has no other" no_directory slot0-replacement
check "superblock says so" role /dev/c 'Active device 0'
check "the old one leaves" leaves /dev/a
check "the slow one: a spare" mdadm --quiet /dev/md0 --add /dev/d
check "the slow one: wanted" md dev-b/state want_replacement
check "the slow one: the spare gets the slot" becomes /dev/d 1
check "the slow one: it leaves" leaves /dev/b
check "no write failed" stop_writing
check "the bits go" clean_bits /dev/c
check "a check finds nothing" nothing_differs
check "legs are equal" legs_equal /dev/c /dev/d

check "the replacement fails: half-way" half_way /dev/c /dev/a
check "the replacement fails" mdadm --quiet /dev/md0 --fail /dev/a
check "the replacement fails: go on" md sync_max max
check "the replacement fails: it leaves" leaves /dev/a
! ours || check "the replacement fails: its directory goes" no_directory slot0-replacement
check "the replacement fails: it is whole" in_sync
check "the replacement fails: it is not wanted any more" md dev-c/state -want_replacement
check "the member fails: half-way" half_way /dev/c /dev/a
check "the member fails" mdadm --quiet /dev/md0 --fail /dev/c
check "the member fails: go on" md sync_max max
check "the member fails: the replacement gets its slot" becomes /dev/a 0
check "the member fails: it leaves" leaves /dev/c
check "a check finds nothing" nothing_differs

if ours; then
	check "write" acked scribble /dev/md0 4
	check "half-way with ours" half_way /dev/a /dev/c
	swap kernel /dev/a /dev/c /dev/d
	check "write" acked scribble /dev/md0 4 8
	check "half-way with the kernel's" half_way /dev/c /dev/a
	swap raid1wb /dev/c /dev/a /dev/d
	check "write" acked scribble /dev/md0 4 12
	check "the bits go" clean_bits /dev/a
	check "stop" stop
	check "legs are equal" legs_equal /dev/a /dev/d
else
	check "stop" stop
fi
check "the module unloads" unload_raid1
