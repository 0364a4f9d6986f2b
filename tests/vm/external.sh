#!/bin/bash
# vm: --icount --timeout 1200
# Arrays whose metadata md does not write: Intel's (IMSM) and DDF, which mdadm makes and mdmon keeps. Each lives on the module that
# is tested, and then changes hands to the other one and back. mdadm's own tests of both: scripts/check-mdadm.
. /tests/lib.sh
. /tests/array.sh

# no disk here has a serial number, no machine Intel's firmware
export IMSM_NO_PLATFORM=1 IMSM_DEVNAME_AS_SERIAL=1
container=/dev/md127
size=16384	# KiB of the array
sectors=$((size * 2))
declare -A offset

# monitored: mdmon looks after the container, and the array is what it is to be.
monitored() {
	wait_for 20 'pidof mdmon >/dev/null && [[ $(md array_state) != *pending ]]'
}

# by_whom MODE: is it the module that runs the array?
by_whom() {
	local module=md_raid1wb
	[[ $1 != kernel ]] || module=raid1
	[[ $(<"/sys/module/$module/refcnt") == 1 ]]
}

# make METADATA: four disks in a container, an array on two of them.
make() {
	mdadm --quiet --create $container --run --metadata="$1" --raid-devices=4 /dev/a /dev/b /dev/c /dev/d &&
		mdadm --quiet --create /dev/md0 --run --level=1 --raid-devices=2 --size=$size /dev/a /dev/b
}

# equal MEMBER MEMBER: is the array's data the same on both?
equal() {
	same_data "/dev/$1" "/dev/$2" $sectors "${offset[$1]}" "${offset[$2]}"
}

take_down() {
	stop && wait_for 30 "mdadm --quiet --stop $container 2>/dev/null" && wait_for 30 '! pidof mdmon >/dev/null'
}

put_up() {
	mdadm --assemble --scan --config=/run/mdadm.conf && monitored
}

clean() {
	wait_for 30 '[[ $(md array_state) == @(clean|active-idle) ]]'
}

# replaced GONE: the array lost one and has another instead.
replaced() {
	wait_for 60 "[[ ! -e /sys/block/md0/md/dev-$1 ]] && two_members" && become_in_sync 60
}

leaves() {
	wait_for 20 "mdadm --quiet $container --remove /dev/$1 2>/dev/null"
}

two_members() {
	local members=(/sys/block/md0/md/dev-*)
	((${#members[@]} == 2))
}

# look_up: which disk is the other member, beside a, and where its data begins.
look_up() {
	local member
	for member in /sys/block/md0/md/dev-*; do
		member=${member##*/dev-}
		[[ $member == a ]] || second=$member
		offset[$member]=$(md "dev-$member/offset")
	done
}

# set_bad +|- MEMBER BLOCK BLOCKS: that part of its data can neither be read nor written, or can again.
set_bad() {
	local from=$((offset[$2] + $3 * 8))
	echo "$1$from-$((from + $4 * 8 - 1))" >"/sys/kernel/config/nullb/$2/badblocks"
}

# hold_mdmon, release_mdmon: nothing is recorded in between.
hold_mdmon() {
	pkill -STOP -x mdmon
}

release_mdmon() {
	pkill -CONT -x mdmon
}

# life METADATA: of an array of that kind.
life() {
	scribble /dev/a 64
	check "$how: make a container and an array in it" make "$1" || die "nothing to go on from"
	check "$how: it is of the kind" [ "$(md metadata_version)" = external:/md127/0 ]
	check "$how: mdmon looks after it" monitored
	check "$how: the first resync" become_in_sync
	check "$how: it runs on the module that is wanted" by_whom "$MODE"
	check "$how: write-mostly" md dev-a/state writemostly
	check "$how: write" eval 'scribble /dev/md0 4 && put one 1 && put two 4000'
	check "$how: it becomes clean" clean
	mdadm --detail --brief --scan >/run/mdadm.conf

	# no write before it is recorded that the array is dirty
	hold_mdmon
	background put three 3
	check "$how: a write asks for the array to be dirty" wait_for 20 '[[ $(md array_state) == write-pending ]]'
	check "$how: it waits until that is recorded" no wait_for 2 "[[ -e $job ]]"
	release_mdmon
	check "$how: and goes on" ends 20 "$job"
}

# fails: a member of the array, while somebody writes.
fails() {
	background fio_verify --offset=8m --size=4m --rate=1m
	check "$how: somebody writes" wait_for 20 "[[ $(statistic /dev/md0 5) != \$(statistic /dev/md0 5) ]]"
	check "$how: a member fails" mdadm --quiet /dev/md0 --fail /dev/b
	check "$how: a spare takes over" replaced b
	check "$how: all writes end well, and are there" ends 60 "$job"
	check "$how: the other one is still write-mostly" in_state a write_mostly
	check "$how: who failed leaves the container" leaves b
}

# write_error METADATA: of a member; nobody hears of the write before that is recorded.
write_error() {
	look_up
	hold_mdmon
	set_bad + "$second" 2000 1
	background put four 2000
	if [[ $1 == imsm ]]; then
		check "$how: a write fails: the block is bad" wait_for 20 '[[ $(md dev-$second/unacknowledged_bad_blocks) ]]'
	else
		check "$how: a write fails: so does the member" wait_for 20 'in_state $second faulty'
	fi
	check "$how: a write fails: it waits until that is recorded" no wait_for 2 "[[ -e $job ]]"
	release_mdmon
	check "$how: a write fails: and ends well" ends 20 "$job"
	set_bad - "$second" 2000 1
	if [[ $1 == imsm ]]; then
		check "$how: a write fails: the block is on the list" [ "$(md "dev-$second/bad_blocks")" ]
		check "$how: a write fails: what was written is there" has four 2000
		# until the array is assembled again, nobody tries it
		check "$how: stop with a bad block" take_down
		check "$how: assemble with a bad block" put_up
		check "$how: it is still on the list" [ "$(md "dev-$second/bad_blocks")" ]
		check "$how: it is not read" has four 2000
		check "$how: write there" put four 2000
		check "$how: it is taken off the list" wait_for 20 '[[ ! $(md dev-$second/bad_blocks) ]]'
	else
		check "$how: a write fails: a spare takes over" replaced "$second"
		check "$how: a write fails: who failed leaves the container" leaves "$second"
		check "$how: a write fails: what was written is there" has four 2000
		check "$how: a write fails: the other member is still write-mostly" in_state a write_mostly
	fi
	look_up
}

# is_all_there: what life wrote.
is_all_there() {
	has one 1 && has two 4000 && has four 2000
}

# moved: to the module that is loaded now.
moved() {
	check "$how: assemble" put_up
	check "$how: it runs on the module that is wanted" by_whom "$MODE"
	check "$how: no resync" in_sync
	check "$how: the data is there" is_all_there
	check "$how: write" put "$MODE" 5
	check "$how: it becomes clean" clean
	check "$how: stop" take_down
	check "$how: legs are equal" equal a "$second"
}

# crash: the disks, all of which have the metadata, are as they were in the middle of writing.
crash() {
	local disk
	check "$how: assemble" put_up
	check "$how: it stays dirty from now on" md safe_mode_delay 0
	check "$how: write" put five 6
	for disk in a b c d; do
		dd if="/dev/$disk" of="/dev/shm/$disk" bs=1M iflag=direct conv=sparse status=none || die "images"
	done
	check "$how: it is dirty" [ "$(md array_state)" = active ]
	check "$how: stop" take_down
	for disk in a b c d; do
		dd if="/dev/shm/$disk" of="/dev/$disk" bs=1M oflag=direct status=none || die "images"
		rm "/dev/shm/$disk"
	done
	put lost $((offset[$second] / 8 + 3000)) "/dev/$second"
	check "$how: legs differ" no equal a "$second"
	check "$how: assemble after it" put_up
	check "$how: in sync" become_in_sync
	check "$how: the data is there" eval 'is_all_there && has five 6'
	check "$how: stop" take_down
	check "$how: legs are equal" equal a "$second"
}

# refused: Intel's volumes with a bitmap, which has no superblock, until it is taken off.
refused() {
	how="imsm, a bitmap"
	mdadm --quiet --create $container --run --metadata=imsm --raid-devices=2 /dev/a /dev/b || die "set-up: container"
	check "$how: refused" no create --raid-devices=2 --size=$size --bitmap=internal /dev/a /dev/b
	check "$how: the log says why" eval "dmesg | grep -q 'md0: bitmaps without a superblock are not supported; use an internal bitmap$'"
	check "$how: take it off" mdadm --quiet --update-subarray=0 --update=no-bitmap $container
	mdadm --examine --brief --scan /dev/a /dev/b >/run/mdadm.conf
	check "$how: stop" mdadm --quiet --stop $container
	check "$how: assemble without it" put_up
	check "$how: in sync without it" become_in_sync
	look_up
	check "$how: stop without it" take_down
	check "$how: legs are equal without it" equal a b
}

disks() {
	local disk
	for disk in a b c d; do
		"$1" $disk "${@:2}"
	done
}

must modprobe md-mod
fast_sync
load_raid1
from=$MODE
to=kernel
[[ $from != kernel ]] || to=raid1wb
for metadata in imsm ddf; do
	disks null_disk 64 0
	how="$metadata, $from"
	life $metadata
	# with DDF, mdadm 4.2 does not find its way after two failures
	[[ $metadata == ddf ]] || fails
	write_error $metadata
	check "$how: stop" take_down
	check "$how: legs are equal" equal a "$second"
	how="$metadata, $from to $to"
	hand_over "$how" "$to"
	moved
	how="$metadata, $from to $to, crash"
	crash
	how="$metadata, $from to $to, and back"
	hand_over "$how" "$from"
	moved
	how="$metadata, $from, crash"
	crash
	disks remove_null_disk
done

if ours; then
	disks null_disk 64 0
	scribble /dev/a 64
	refused
fi
