#!/bin/bash
# vm: --icount
# The module: what it is called, that it keeps away from the kernel's raid1, that it comes and goes.
. /tests/lib.sh
. /tests/array.sh

ko=/modules/md-raid1wb.ko
name=md_raid1wb
ours || name=raid1

users() {
	[[ $(<"/sys/module/$1/refcnt") == "$2" ]]
}

loaded() {
	[[ -d /sys/module/$1 ]]
}

cycles() {
	local i
	for ((i = 0; i < $1; i++)); do
		load_raid1
		unload_raid1 || return
	done
}

# refusal: of insmod, in words.
refusal() {
	insmod $ko 2>&1
}

mirror() {
	create --raid-devices=2 --assume-clean --bitmap=internal --write-behind=100 /dev/a --write-mostly /dev/b
}

must modprobe md-mod
null_disk a 16 0
null_disk b 16 0

if ours; then
	for alias in md-personality-3 md-raid1 md-level-1 raid1wb; do
		check "alias $alias" grep -qx $alias <(modinfo -F alias $ko)
	done
	check "licence" [ "$(modinfo -F license $ko)" = GPL ]
	must modprobe raid1
	check "refused with the kernel's raid1 loaded: busy" grep -q 'Device or resource busy' <(refusal)
	check "the log says what to do" grep -q "raid1wb: the kernel's raid1 is loaded.*rmmod raid1" <(dmesg)
	check "it is not there" no loaded $name
	check "the kernel's raid1 goes" rmmod raid1
	check "now it loads" insmod $ko
	check "it does not load twice" no insmod $ko
	must modprobe raid1
	check "with raid1 loaded after it, an array is created" mirror
	check "it is ours" users $name 1
	check "it is not raid1's" users raid1 0
	check "stop" stop
	must rmmod raid1
	must unload_raid1
fi

check "100 times loaded and unloaded" cycles 100
check "it is gone" no loaded $name

load_raid1
check "nobody uses it" users $name 0
check "create" mirror
check "the array uses it" users $name 1
check "it does not unload" no unload_raid1
check "write" acked put mine 5
check "stop" stop
check "nobody uses it any more" wait_for 10 "users $name 0"
check "it unloads" unload_raid1
check "it is gone" no loaded $name
! loaded raid1 || must rmmod raid1

# With arrays: what they leave must be gone, too. As md asks for any module of level 1, the kernel's comes as well.
array_cycles() {
	local i
	for ((i = 0; i < $1; i++)); do
		load_raid1
		assemble /dev/a /dev/b && put "$i" "$i" && stop && unload_raid1 || return
		! loaded raid1 || must rmmod raid1
	done
}

check "10 times loaded, array run, unloaded" array_cycles 10

must modprobe raid1
check "the kernel's raid1 assembles the array" assemble /dev/a /dev/b
check "with the data" has 9 9
check "it is raid1's" users raid1 1
check "it needs no resync" in_sync
check "write with it" acked put theirs 5
check "stop" stop
check "legs are equal" legs_equal /dev/a /dev/b
must rmmod raid1

load_raid1
check "and back" assemble /dev/a /dev/b
check "with its data" has theirs 5
check "no resync" in_sync
check "stop" stop
check "it unloads" unload_raid1
