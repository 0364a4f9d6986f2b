#!/bin/bash
# vm: --smp 2 --timeout 600
# More and fewer members while fio writes, with write-behind.
. /tests/lib.sh
. /tests/array.sh

# slots N: has the array so many, for md and on MEMBER...?
slots() {
	local member
	[[ $(md raid_disks) == "$1" ]] || return
	for member in "${@:2}"; do
		mdadm --examine "$member" | grep -q "Raid Devices : $1\$" || return
	done
}

# resize_to N [OPTION]...: what md refuses while it looks at the members, it does later.
resize_to() {
	wait_for 20 "mdadm --quiet --grow /dev/md0 --raid-devices=$* 2>/dev/null"
}

# take_out MEMBER: once md has let go of it.
take_out() {
	mdadm --quiet /dev/md0 --fail "$1" && wait_for 20 "mdadm --quiet /dev/md0 --remove $1 2>/dev/null"
}

# linked N MEMBER: is there a link rdN to that member?
linked() {
	[[ $(readlink "/sys/block/md0/md/rd$1") == "dev-${2#/dev/}" ]]
}

load_raid1
fast_sync
null_disk a 24 50
null_disk b 24 2000
null_disk c 24 500
must create --raid-devices=2 --bitmap=internal --bitmap-chunk=64K --delay=1 --write-behind=100 /dev/a --write-mostly /dev/b
must become_in_sync

start_writing
check "a spare" mdadm --quiet /dev/md0 --add /dev/c
check "from two to three" resize_to 3
check "md shows three" eval '[[ $(</proc/mdstat) == *"[3/"* ]]'
check "writes go on" goes_on
check "recovery" become_in_sync
check "superblocks say three" slots 3 /dev/a /dev/b /dev/c
! ours || check "the third has a directory" directory slot2 /dev/c
check "writes go on" goes_on
check "not from three to two while there are three" no mdadm --quiet --grow /dev/md0 --raid-devices=2
check "there are three" slots 3
check "take the third out" take_out /dev/c
check "from three to two" resize_to 2
check "it is whole" become_in_sync
check "superblocks say two" slots 2 /dev/a /dev/b
! ours || check "the third has no directory" no_directory slot2
check "writes go on" goes_on
check "with a new one at once to three" eval 'mdadm --quiet --zero-superblock /dev/c && resize_to 3 --add /dev/c'
check "recovery" become_in_sync
check "take the first out" take_out /dev/a
check "from three to two, of which the slow one is the first" resize_to 2
check "it is whole" become_in_sync
check "the slow one has the first link" linked 0 /dev/b
check "the other one has the second" linked 1 /dev/c
check "there is no third" [ ! -e /sys/block/md0/md/rd2 ]
! ours || check "the slow one has the first directory" directory slot0 /dev/b
! ours || check "the other one has the second" directory slot1 /dev/c
! ours || check "there is no third" no_directory slot2
check "writes go on" goes_on
check "no write failed" stop_writing
check "the bits go" clean_bits /dev/c
check "a check finds nothing" nothing_differs
check "a chunk size is refused" no md chunk_size 65536
check "a layout is refused" no md layout 1
check "stop" stop
check "legs are equal" legs_equal /dev/b /dev/c
check "assemble" assemble /dev/c /dev/b
check "no resync" in_sync
check "it has two members" slots 2

# By hand, as mdmon does it; down to one, and up again.
check "by hand: three" wait_for 20 'md raid_disks 3 2>/dev/null'
check "by hand: it is recorded" wait_for 20 'slots 3 /dev/b /dev/c'
check "by hand: two" wait_for 20 'md raid_disks 2 2>/dev/null'
check "one: take out" take_out /dev/b
check "one: write" put one 1
check "one: to one" resize_to 1 --force
check "one: it is whole" become_in_sync
check "one: write" put two 2
check "one: two again, without a spare" resize_to 2 --force
check "one: the old one is added" mdadm --quiet /dev/md0 --add /dev/b
check "one: recovery" become_in_sync
check "one: stop" stop
check "one: legs are equal" legs_equal /dev/b /dev/c
check "one: all is there" eval 'has one 1 /dev/b "$(data_offset /dev/b)" && has two 2 /dev/b "$(data_offset /dev/b)"'

# What is on its way to a slow leg that hangs holds up nobody, and arrives.
if ours; then
	null_disk fast 24 50
	slow_leg hung 24
	must create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=1 --write-behind=256 /dev/fast \
		--write-mostly /dev/mapper/hung
	check "hung: write" acked scribble /dev/md0
	check "hung: it is held up" wait_for 20 '[[ $(held_up hung) -gt 0 ]]'
	check "hung: three" acked resize_to 3 --force
	check "hung: write" acked scribble /dev/md0 1 4
	check "hung: it is held up still" [ "$(held_up hung)" -gt 0 ]
	check "hung: let through" open_leg hung
	check "hung: all arrives" wait_for 60 '[[ $(cat /sys/block/md0/md/write_behind/backlog_writes) == 0 ]]'
	check "hung: two" acked resize_to 2
	check "hung: stop" stop
	check "hung: legs are equal" legs_equal /dev/fast /dev/mapper/hung
fi
check "the module unloads" unload_raid1
