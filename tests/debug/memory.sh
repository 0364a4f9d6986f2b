#!/bin/bash
# vm: --smp 2
# debug: kasan
# No memory, in every walk of an array's life: what is refused says so and leaves nothing behind; no I/O is refused, and
# nothing is lost.
. /tests/lib.sh
. /tests/array.sh
. /tests/debug/lib

fast=/dev/a slow=/dev/b
options=(--run --level=1 --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=1 --write-behind=100
	--size=8M "$fast" --write-mostly "$slow")

undo_load() {
	[[ ! -d /sys/module/md_raid1wb ]] || unload_raid1
}

undo_create() {
	[[ ! -e /sys/block/md0 || $(md array_state) == clear ]] || stop
}

# take_members: into an array that is not started yet.
take_members() {
	local member
	echo md0 >/sys/module/md_mod/parameters/new_array && md metadata_version 1.2 || return
	for member in $fast $slow; do
		md new_dev "$(stat -c %Hr:%Lr "$member")" || return
	done
}

# undo_start: if it was started, with all that it had.
undo_start() {
	[[ $(md array_state) == inactive ]] || { in_sync && has kept 7 && clean_bits $fast; } || return
	stop && take_members
}

# no_bitmap: once md has looked whether there is anything to sync.
no_bitmap() {
	wait_for 20 'md bitmap/location none 2>/dev/null'
}

undo_add_bitmap() {
	put some 3 && no_bitmap && put more 3 && has kept 7
}

undo_grow() {
	become_in_sync 60 && wait_for 20 'md component_size 8192 2>/dev/null' && has kept 7
}

# io NAME AFTERWARDS COMMAND...: a request, which is not to be refused.
io() {
	every "$@"
	check "$1: never refused" [ "$refused" = 0 ]
}

must modprobe md-mod
prepare_memory_faults
# Where it fails, the name of the cache leaks.
spare sysfs_slab_add
in_modules
every "load the module" undo_load exec insmod /modules/md-raid1wb.ko
load_raid1
in_our_code
fast_sync
null_disk a 24 50
null_disk b 24 1000
# null_blk takes memory when a place is written first; that is not ours.
must scribble $fast 24
must scribble $slow 24

every "create" undo_create exec mdadm --quiet --create /dev/md0 "${options[@]}"
must mdadm --quiet --create /dev/md0 "${options[@]}"
must put kept 7

block written >/dev/shm/written
write=(exec dd if=/dev/shm/written of=/dev/md0 bs=4k seek=9 conv=notrunc status=none)
read=(exec dd if=/dev/md0 of=/dev/shm/read iflag=direct count=1 status=none)
io "write to a clean chunk" 'has written 9 && clean_bits $fast' "${write[@]}" oflag=direct
io "write with FUA" 'has written 9' "${write[@]}" oflag=direct,dsync
io "flush" 'has written 9' "${write[@]}" conv=fsync
io "write 1 MiB" true exec dd if=/dev/shm/noise of=/dev/md0 bs=1M seek=2 oflag=direct conv=notrunc status=none
io "read" 'cmp -s /dev/shm/written /dev/shm/read' "${read[@]}" bs=4k skip=9
io "read 1 MiB" 'cmp -s /dev/shm/noise /dev/shm/read' "${read[@]}" bs=1M skip=2
io "discard" 'has kept 7' exec blkdiscard -o 4M -l 1M /dev/md0

must no_bitmap
every "add a bitmap" undo_add_bitmap md bitmap/location +8
check "there is none" no_bitmap
check "add one" md bitmap/location +8
# once md has looked whether there is anything to sync
must become_in_sync 20
every "grow" undo_grow md component_size 16384
every "stop" 'undo_create && assemble $fast $slow && has kept 7' md array_state clear
check "stop" stop
must take_members
every "start" undo_start md array_state active
must stop

# Memory is short while everything happens; what was refused is tried again.
check "assemble" assemble $fast $slow
must clean_bits $fast
start_writing
scarce 5
check "memory is short: writes go on" goes_on
check "memory is short: large writes" scribble /dev/md0 2 5
check "memory is short: it was" plenty
scarce 100 200
check "fail the slow leg" mdadm --quiet /dev/md0 --fail $slow
check "writes go on" goes_on
check "remove it" wait_for 20 "mdadm --quiet /dev/md0 --remove $slow 2>/dev/null"
check "add it again" wait_for 60 "mdadm --quiet /dev/md0 --re-add $slow 2>/dev/null"
check "recovery" become_in_sync 120
check "it was short" plenty 200
scarce 100 200
check "remove the bitmap" wait_for 60 'mdadm --quiet --grow --bitmap=none /dev/md0 2>/dev/null'
check "writes go on" goes_on
check "add it" wait_for 60 'mdadm --quiet --grow --bitmap=internal --bitmap-chunk=64K /dev/md0 2>/dev/null'
check "grow" wait_for 60 'mdadm --quiet --grow /dev/md0 --size=16M 2>/dev/null'
check "resync" become_in_sync 120
check "a check comes to its end" wait_for 120 '[[ $(scrub check) == 0 ]]'
check "it was short" plenty 200
check "no write failed" stop_writing
check "the bits go" clean_bits $fast
check "legs are equal" legs_equal $fast $slow
check "what was written first is there" has kept 7
check "stop" stop
check "the module unloads" unload_raid1
