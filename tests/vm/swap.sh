#!/bin/bash
# vm: --icount --timeout 1200
# An array changes hands between our module and the kernel's raid1, there and back: after a clean stop, with a member missing, in
# the middle of a resync or a recovery, after a crash. Replacements: replace.sh. More of what is made of a bitmap that sleeps:
# sleep.sh.
. /tests/lib.sh
. /tests/array.sh

sectors=40960	# that an array has at least
few=4096	# what a few chunks of 64 KiB and metadata come to

# taken MEMBER...: it is assembled, by the module that is wanted.
taken() {
	local module=md_raid1wb
	ours || module=raid1
	assemble "$@" && [[ $(<"/sys/module/$module/refcnt") == 1 ]]
}

# kept MEMBER: what the bitmap and the superblock are to keep.
kept() {
	mdadm --examine-bitmap "$1" | grep -E 'UUID|State|Chunksize|Daemon|Write Mode|Sync Size|Bitmap' &&
		mdadm --examine "$1" | grep -E 'UUID|Flags|Array Size|Creation Time|Role|this'
}

# note MEMBER: what is written to it counts from now on.
note() {
	noted=$(statistic "$1" 7)
}

since() {
	echo $(($(statistic "$1" 7) - noted))
}

# between LEAST MOST MEMBER: have so many sectors been written to it since note?
between() {
	local written
	written=$(since "$3")
	((written >= $1 && written < $2)) || { echo "$written sectors" && return 1; }
}

clear_members() {
	local member
	for member in a b c f s; do
		dd if=/dev/zero of="/dev/$member" bs=1M oflag=direct status=none
	done 2>/dev/null
}

# stop_at SECTOR: once resync or recovery is there, where sync_max had it wait.
stop_at() {
	wait_for 60 "[[ \$(md sync_completed) == '$1 / '* ]]" && stop
}

# clean METADATA [OPTION]...: options are for the second member.
clean() {
	local before
	clear_members
	check "$way: create" create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=2 --write-behind=64 \
		--metadata="$1" /dev/a "${@:2}" /dev/b
	check "$way: write" eval 'scribble /dev/md0 4 && put one 1 && put two 4000'
	check "$way: stop" stop
	before=$(kept /dev/a && kept /dev/b)
	hand_over "$way" "$to"
	note /dev/b
	check "$way: assemble" taken /dev/a /dev/b
	check "$way: no resync" in_sync
	check "$way: the data is there" eval 'has one 1 && has two 4000'
	check "$way: write" put three 3
	check "$way: stop" stop
	check "$way: little was copied" between 0 $few /dev/b
	check "$way: bitmap and superblock are as they were" diff <(echo "$before") <(kept /dev/a && kept /dev/b)
	check "$way: legs are equal" legs_equal /dev/a /dev/b
	hand_over "$way" "$from"
	note /dev/b
	check "$way, and back: assemble" taken /dev/a /dev/b
	check "$way, and back: no resync" in_sync
	check "$way, and back: all data is there" eval 'has one 1 && has two 4000 && has three 3'
	check "$way, and back: write" put four 4
	check "$way, and back: stop" stop
	check "$way, and back: little was copied" between 0 $few /dev/b
	check "$way, and back: bitmap and superblock are as they were" diff <(echo "$before") <(kept /dev/a && kept /dev/b)
	check "$way, and back: legs are equal" legs_equal /dev/a /dev/b
}

# missing: what the bitmap of clean's array says is believed by the other.
missing() {
	local data
	data=$(data_offset /dev/b)
	check "$way: assemble" taken /dev/a /dev/b
	check "$way: a member leaves" eval 'mdadm --quiet /dev/md0 --fail /dev/b &&
		wait_for 20 "mdadm --quiet /dev/md0 --remove /dev/b 2>/dev/null"'
	check "$way: write" eval 'put five 5 && put six 3000'
	check "$way: stop" stop
	hand_over "$way" "$to"
	check "$way: assemble" taken --run /dev/a
	check "$way: write" put seven 2000
	note /dev/b
	check "$way: it comes back" mdadm --quiet /dev/md0 --re-add /dev/b
	check "$way: in sync" become_in_sync
	check "$way: no more was copied than has to" between 24 $few /dev/b
	check "$way: stop" stop
	check "$way: legs are equal" legs_equal /dev/a /dev/b
	check "$way: it has what it missed" eval "has five 5 /dev/b $data && has six 3000 /dev/b $data && has seven 2000 /dev/b $data"
	hand_over "$way" "$from"
}

# is_finished MEMBER: what was stopped at a third of it, by the other one.
is_finished() {
	hand_over "$way" "$to"
	note "$1"
	check "$way: assemble" taken /dev/a "$1"
	check "$way: in sync" become_in_sync
	check "$way: it went on where it was" between $((sectors / 2)) $((sectors - 8192)) "$1"
	check "$way: stop" stop
	check "$way: legs are equal" legs_equal /dev/a "$1"
	hand_over "$way" "$from"
}

# recovery: of a new member.
recovery() {
	check "$way: assemble" taken --run /dev/a
	check "$way: pause at a third" md sync_max 16384
	check "$way: add a new member" mdadm --quiet /dev/md0 --add /dev/c
	check "$way: stop" stop_at 16384
	is_finished /dev/c
}

# resync: of all.
resync() {
	clear_members
	scribble /dev/a 20
	# read-only, so that nobody begins before he is told where to pause
	check "$way: create" create --readonly --raid-devices=2 --bitmap=none --metadata=1.2 --data-offset=1M /dev/a /dev/b
	check "$way: pause at a third" eval 'md sync_max 16384 && mdadm --quiet --readwrite /dev/md0'
	check "$way: stop" stop_at 16384
	is_finished /dev/b
}

# crash BITMAP FIRST SECOND: copies of both members, /dev/f and /dev/s, as they are on disk in the middle of two writes that only
# the fast one has got. No disk lies: the writes are not acknowledged, or go behind.
crash() {
	local pair first second options=()
	clear_members
	[[ $1 == none ]] || options=(--bitmap-chunk=64K --delay=1 --write-behind=64)
	check "$way: create" create --raid-devices=2 --assume-clean --metadata=1.2 --data-offset=1M --bitmap="$1" "${options[@]}" "${@:2}"
	[[ $asleep == no ]] || check "$way: write-mostly" md dev-dm-1/state writemostly
	check "$way: write" eval 'scribble /dev/md0 4 && put early 8 && put early 4501'
	# no bits but those of what comes now
	[[ $1 == none ]] || check "$way: the bits go" clean_bits /dev/fast
	close_leg slow
	background put late 7
	first=$job
	background put late 4500
	second=$job
	check "$way: a member lacks what the other has" wait_for 30 '[[ $(held_up slow) -ge 2 ]] &&
		has late 7 /dev/fast 2048 && has late 4500 /dev/fast 2048'
	for pair in fast:f slow-disk:s; do
		dd if="/dev/${pair%:*}" of="/dev/${pair#*:}" bs=1M iflag=direct oflag=direct status=none || die "images"
	done
	open_leg slow
	check "$way: the writes end" eval "ends 30 $first && ends 30 $second"
	check "$way: stop" stop
	check "$way: legs differ" no legs_equal /dev/f /dev/s
	check "$way: the slow one's bitmap sleeps: $asleep" [ "$(asleep /dev/s && echo yes || echo no)" = $asleep ]
}

# both LEAST MOST: so many sectors are copied when both are found.
both() {
	hand_over "$way" "$to"
	note /dev/s
	check "$way: assemble" taken /dev/f /dev/s
	check "$way: in sync" become_in_sync
	check "$way: what was flushed is there" eval 'has early 8 && has early 4501'
	check "$way: stop" stop
	check "$way: what was copied" between "$1" "$2" /dev/s
	check "$way: legs are equal" legs_equal /dev/f /dev/s
	hand_over "$way" "$from"
}

# alone LEAST MOST FOUND OTHER: so many are copied to the other when it comes back.
alone() {
	hand_over "$way" "$to"
	note "$4"
	check "$way: assemble" taken --run "$3"
	check "$way: write" put new 2000
	# md clears bits meanwhile if it believes that it may
	sleep 4
	check "$way: the other comes back" eval "mdadm --quiet /dev/md0 --re-add $4 || mdadm --quiet /dev/md0 --add $4"
	check "$way: in sync" become_in_sync
	check "$way: what was flushed is there" eval 'has early 8 && has early 4501 && has new 2000'
	check "$way: stop" stop
	check "$way: what was copied" between "$1" "$2" "$4"
	check "$way: legs are equal" legs_equal /dev/f /dev/s
	hand_over "$way" "$from"
}

must modprobe md-mod
fast_sync
for disk in a b c f s fast; do
	null_disk $disk 24 0
done
slow_leg slow 24
open_leg slow
slow=/dev/mapper/slow
load_raid1

for pair in "raid1wb kernel" "kernel raid1wb"; do
	read -r from to <<<"$pair"
	way="$from to $to"
	[[ $MODE == "$from" ]] || hand_over "$way" "$from"
	for metadata in 0.90 1.0 1.2; do
		way="$from to $to, $metadata"
		clean $metadata
	done
	way="$from to $to, a member is missing"
	missing
	way="$from to $to, recovery"
	recovery
	way="$from to $to, resync"
	resync
	way="$from to $to, write-mostly"
	clean 1.2 --write-mostly

	asleep=no
	way="$from to $to, crash"
	crash internal /dev/fast $slow
	both 16 $few
	way="$from to $to, crash, one is found"
	crash internal /dev/fast $slow
	alone 24 $few /dev/f /dev/s
	way="$from to $to, crash without a bitmap"
	crash none /dev/fast $slow
	both $sectors $((sectors * 2))

	# The kernel's raid1 has no copies that sleep, and clears bits of what is still on its way behind.
	[[ $from == raid1wb ]] || continue
	asleep=yes
	way="$from to $to, crash, write-mostly"
	crash internal /dev/fast $slow
	both 16 $few
	way="$from to $to, crash, write-mostly first"
	crash internal $slow /dev/fast
	both $sectors $((sectors * 2))
	way="$from to $to, crash, write-mostly is found alone"
	crash internal /dev/fast $slow
	alone $sectors $((sectors * 2)) /dev/s /dev/f
done
