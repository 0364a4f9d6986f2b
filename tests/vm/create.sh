#!/bin/bash
# vm: --icount
# Arrays of all shapes are created, synced, stopped and assembled.
. /tests/lib.sh
. /tests/array.sh

mib=8

# member_disks N: /dev/m0 to /dev/m(N-1), also in $members. All differ from each other.
member_disks() {
	local i
	members=()
	for ((i = 0; i < $1; i++)); do
		null_disk "m$i" $mib 0
		members+=("/dev/m$i")
		((i == 1)) || scribble "/dev/m$i" $mib || die "set-up: noise"
	done
}

remove_member_disks() {
	local member
	for member in "${members[@]}"; do
		remove_null_disk "${member#/dev/}"
	done
}

# examined TEXT: does every member's superblock say so?
examined() {
	local member
	for member in "${members[@]}"; do
		mdadm --examine "$member" | grep -q "$1" || return
	done
}

# everywhere TEXT BLOCK: does every member have it?
everywhere() {
	local member
	for member in "${members[@]}"; do
		has "$1" "$2" "$member" "$(data_offset "$member")" || return
	done
}

# life NAME MEMBERS OPTION...: of an array that is created with these options on members that differ.
life() {
	local name=$1
	member_disks "$2"
	check "$name: create" create --raid-devices="$2" "${@:3}" "${members[@]}"
	check "$name: first sync" become_in_sync
	check "$name: legs equal" legs_equal "${members[@]}"
	check "$name: write" acked put first 7
	check "$name: stop" stop
	check "$name: clean on disk" examined ' State : clean'
	check "$name: assemble" assemble "${members[@]}"
	check "$name: no resync" in_sync
	check "$name: read" has first 7
	check "$name: write again" acked put second 9
	check "$name: stop again" stop
	check "$name: legs equal at the end" legs_equal "${members[@]}"
	check "$name: data is on all members" everywhere second 9
	remove_member_disks
}

load_raid1
fast_sync
life "metadata 0.90" 2 --metadata=0.90 --bitmap=internal
life "metadata 1.0" 2 --metadata=1.0 --bitmap=internal
life "metadata 1.1" 2 --metadata=1.1 --bitmap=internal
life "metadata 1.2" 2 --metadata=1.2 --bitmap=internal
life "no bitmap" 2 --bitmap=none
life "1 member" 1 --force --bitmap=internal
life "3 members" 3 --bitmap=internal
life "8 members" 8 --bitmap=none

member_disks 2
check "degraded: create with one missing" create --raid-devices=2 --bitmap=internal /dev/m0 missing
check "degraded: one is missing" [ "$(md degraded)" = 1 ]
check "degraded: shown in mdstat" grep -q '\[2/1\] \[U_\]' /proc/mdstat
check "degraded: write" acked put alone 3
check "degraded: add the other" mdadm --quiet /dev/md0 --add /dev/m1
check "degraded: recovery" become_in_sync
check "degraded: shown in mdstat" grep -q '\[2/2\] \[UU\]' /proc/mdstat
check "degraded: stop" stop
check "degraded: legs equal" legs_equal /dev/m0 /dev/m1
check "degraded: not started of itself with one" no assemble --no-degraded /dev/m0
check "degraded: started with --run" assemble --run /dev/m1
check "degraded: read from the one" has alone 3
check "degraded: write to the one" acked put single 3
check "degraded: stop" stop
check "degraded: the other is out of date" assemble /dev/m0 /dev/m1
check "degraded: which is known" [ "$(md degraded)" = 1 ]
check "degraded: add it again" mdadm --quiet /dev/md0 --add /dev/m0
check "degraded: recovery" become_in_sync
check "degraded: read" has single 3
check "degraded: stop" stop
check "degraded: legs equal" legs_equal /dev/m0 /dev/m1
remove_member_disks

member_disks 2
must create --raid-devices=2 --bitmap=internal /dev/m0 /dev/m1
must become_in_sync
must put old 5
check "read-only: set" mdadm --quiet --readonly /dev/md0
check "read-only: shown" [ "$(md array_state)" = readonly ]
check "read-only: clean on disk" examined ' State : clean'
check "read-only: no write" no acked put bad 5
check "read-only: read" has old 5
check "read-write: set" mdadm --quiet --readwrite /dev/md0
check "read-write: write" acked put new 5
check "read-write: read" has new 5
check "read-write: stop" stop
check "read-only: assemble" assemble --readonly /dev/m0 /dev/m1
check "read-only: shown" [ "$(md array_state)" = readonly ]
check "read-only: no write" no acked put bad 5
check "read-only: stop" stop
echo 1 >/sys/module/md_mod/parameters/start_ro
check "auto-read-only: assemble" assemble /dev/m0 /dev/m1
check "auto-read-only: shown" [ "$(md array_state)" = read-auto ]
check "auto-read-only: read" has new 5
check "auto-read-only: nothing was written" [ "$(md array_state)" = read-auto ]
check "auto-read-only: write" acked put newer 5
check "auto-read-only: over" grep -qE '^(active|clean|active-idle|write-pending)$' /sys/block/md0/md/array_state
check "auto-read-only: stop" stop
check "auto-read-only: legs equal" legs_equal /dev/m0 /dev/m1
echo 0 >/sys/module/md_mod/parameters/start_ro
check "refused: level 1 with no member in sync" no create --raid-devices=2 missing missing
remove_member_disks

check "the module unloads" unload_raid1
