#!/bin/bash
# vm: --timeout 900
# An array changes hands between our module and the kernel's raid1, there and back: after a clean stop, with a member missing, in
# the middle of a resync or a recovery, after a crash. What becomes of members that are write-mostly: sleep.sh, module.sh.
. /tests/lib.sh
. /tests/array.sh

sectors=40960	# that an array has at least

# hand_over TO: from the module that is loaded.
hand_over() {
	unload_raid1 || return
	# md asks for any module of level 1
	[[ ! -d /sys/module/raid1 ]] || rmmod raid1 || return
	MODE=$1
	load_raid1
}

# kept MEMBER: what the bitmap is to keep.
kept() {
	mdadm --examine-bitmap "$1" | grep -E 'UUID|State|Chunksize|Daemon|Write Mode|Sync Size|Bitmap'
}

since() {
	echo $(($(statistic "$1" 7) - noted))
}

note() {
	noted=$(statistic "$1" 7)
}

# little MEMBER: has little been written to it since note? A few chunks of 64 KiB, and metadata.
little() {
	(($(since "$1") < 4096)) || { since "$1" && return 1; }
}

clear_members() {
	local member
	for member in a b c; do
		dd if=/dev/zero of="/dev/$member" bs=1M oflag=direct status=none
	done 2>/dev/null
}

# pause_at SECTOR: what is synced from now on.
pause_at() {
	md sync_max "$1"
}

reached() {
	[[ $(md sync_completed) == "$1 / "* ]]
}

# stop_half_way: once that is reached.
stop_half_way() {
	wait_for 60 'reached 16384' && stop
}

clean() {
	clear_members
	check "$way: create" create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=2 --metadata="$1" \
		/dev/a /dev/b
	check "$way: write" eval 'scribble /dev/md0 4 && put one 1 && put two 4000'
	check "$way: stop" stop
	local before
	before=$(kept /dev/a)
	check "$way: hand over" hand_over "$to"
	note /dev/b
	check "$way: assemble" assemble /dev/a /dev/b
	check "$way: no resync" in_sync
	check "$way: the data is there" eval 'has one 1 && has two 4000'
	check "$way: write" put three 3
	check "$way: stop" stop
	check "$way: little was copied" little /dev/b
	check "$way: the bitmap is as it was" [ "$(kept /dev/a)" = "$before" ]
	check "$way: legs are equal" legs_equal /dev/a /dev/b
	check "$way: and back" hand_over "$from"
	check "$way: assemble" assemble /dev/a /dev/b
	check "$way: no resync" in_sync
	check "$way: all data is there" eval 'has one 1 && has two 4000 && has three 3'
}

missing() {
	check "$way: a member leaves" eval 'mdadm --quiet /dev/md0 --fail /dev/b &&
		wait_for 20 "mdadm --quiet /dev/md0 --remove /dev/b 2>/dev/null"'
	check "$way: write" eval 'put four 4 && put five 3000'
	check "$way: stop" stop
	check "$way: hand over" hand_over "$to"
	check "$way: assemble" assemble --run /dev/a
	check "$way: write" put six 2000
	note /dev/b
	check "$way: it comes back" mdadm --quiet /dev/md0 --re-add /dev/b
	check "$way: in sync" become_in_sync
	check "$way: little was copied" little /dev/b
	check "$way: stop" stop
	check "$way: legs are equal" legs_equal /dev/a /dev/b
	check "$way: it has what it missed" eval 'has five 3000 /dev/b $(data_offset /dev/b) && has six 2000 /dev/b $(data_offset /dev/b)'
	check "$way: and back" hand_over "$from"
}

recovery() {
	check "$way: assemble" assemble --run /dev/a
	check "$way: pause at a third" pause_at 16384
	check "$way: add a new member" mdadm --quiet /dev/md0 --add /dev/c
	check "$way: stop" stop_half_way
	check "$way: hand over" hand_over "$to"
	note /dev/c
	check "$way: assemble" assemble /dev/a /dev/c
	check "$way: in sync" become_in_sync
	check "$way: it went on where it was" [ "$(since /dev/c)" -lt $((sectors - 8192)) ]
	check "$way: stop" stop
	check "$way: legs are equal" legs_equal /dev/a /dev/c
	check "$way: and back" hand_over "$from"
}

resync() {
	clear_members
	scribble /dev/a 20
	# so that the kernel's raid1 does not begin before it is told where to pause
	echo 1 >/sys/module/md_mod/parameters/start_ro
	check "$way: create" create --raid-devices=2 --bitmap=none --metadata=1.2 --data-offset=1M /dev/a /dev/b
	check "$way: pause at a third" eval 'pause_at 16384 && mdadm --quiet --readwrite /dev/md0'
	echo 0 >/sys/module/md_mod/parameters/start_ro
	check "$way: stop" stop_half_way
	check "$way: hand over" hand_over "$to"
	note /dev/b
	check "$way: assemble" assemble /dev/a /dev/b
	check "$way: in sync" become_in_sync
	check "$way: it went on where it was" [ "$(since /dev/b)" -lt $((sectors - 8192)) ]
	check "$way: stop" stop
	check "$way: legs are equal" legs_equal /dev/a /dev/b
	check "$way: and back" hand_over "$from"
}

# crash BITMAP LIMIT: one member lacks the last writes, as after a crash; the other module may copy less than LIMIT sectors.
crash() {
	local pair
	clear_members
	check "$way: create" create --raid-devices=2 --assume-clean --bitmap="$1" --metadata=1.2 --data-offset=1M \
		/dev/a /dev/mapper/cut
	check "$way: write" scribble /dev/md0 4
	[[ $1 == none ]] || clean_bits /dev/a || die "the bits stay set"
	lose cut cut-disk
	check "$way: write what a member loses" eval 'put late 7 && put late 4500'
	for pair in a:f cut-disk:s; do
		dd if="/dev/${pair%:*}" of="/dev/${pair#*:}" bs=1M iflag=direct oflag=direct status=none || die "images"
	done
	mend cut cut-disk
	check "$way: stop" stop
	check "$way: legs differ" no legs_equal /dev/f /dev/s
	check "$way: hand over" hand_over "$to"
	note /dev/s
	check "$way: assemble" assemble /dev/f /dev/s
	check "$way: in sync" become_in_sync
	check "$way: no more was copied than has to" [ "$(since /dev/s)" -lt "$2" ]
	check "$way: the data is there" eval 'has late 7 && has late 4500'
	check "$way: stop" stop
	check "$way: legs are equal" legs_equal /dev/f /dev/s
	check "$way: and back" hand_over "$from"
}

must modprobe md-mod
fast_sync
for disk in a b c f s; do
	null_disk $disk 24 0
done
cut_leg cut 24

for pair in "raid1wb kernel" "kernel raid1wb"; do
	read -r from to <<<"$pair"
	if [[ $from == raid1wb ]]; then
		load_raid1
	else
		must hand_over kernel
	fi
	for metadata in 0.90 1.0 1.2; do
		way="$from to $to, $metadata"
		clean $metadata
		[[ $metadata == 1.2 ]] || stop
	done
	way="$from to $to, a member is missing"
	missing
	way="$from to $to, recovery"
	recovery
	way="$from to $to, resync"
	resync
	way="$from to $to, crash"
	crash internal 8192
	way="$from to $to, crash without a bitmap"
	crash none 100000
done
