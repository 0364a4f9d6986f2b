#!/bin/bash
# vm: --timeout 900
# The copy of the bitmap on a slow member: when it sleeps, when it is woken, what it saves; and what anybody who finds it after a
# crash makes of it, alone or with the other, in any order, ours or the kernel's raid1 (I10, I11).
. /tests/lib.sh
. /tests/array.sh

awake() {
	wait_for 10 "same_copy $1"
}

same_copy() {
	[[ $(examine "$1") == "$(examine /dev/fast)" ]]
}

examine() {
	mdadm --examine-bitmap "$1" | grep -E '^ *(Events|Bitmap) :'
}

load_raid1
fast_sync
null_disk fast 32 0
slow_leg slow 32
slow=/dev/mapper/slow
open_leg slow

# ---- when it sleeps ----

check "create" create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=1 --write-behind=256 \
	--data-offset=1M /dev/fast --write-mostly $slow
clean_bits /dev/fast || die "the bits of a new array stay set"
check "it sleeps when the array is active" eval 'put a 0 && asleep $slow'
check "read-only: it is awake" eval 'mdadm --quiet --readonly /dev/md0 && awake $slow'
check "writable again: it sleeps" eval 'mdadm --quiet --readwrite /dev/md0 && put b 0 && asleep $slow'
check "not write-mostly: it is awake" eval 'md dev-dm-1/state -writemostly && put c 100 && awake $slow'
check "write-mostly: it sleeps" eval 'md dev-dm-1/state writemostly && put d 200 && asleep $slow'
check "no write-behind: it is awake" eval 'md bitmap/backlog 0 && put e 300 && awake $slow'
check "write-behind: it sleeps" eval 'md bitmap/backlog 256 && md array_state active && md safe_mode_delay 0 && asleep $slow'
check "clean: it is awake" eval 'md safe_mode_delay 0.01 && put f 400 && wait_for 20 "[[ \$(md array_state) == clean ]]" && wait_for 5 "awake $slow"'
check "active again: it sleeps" eval 'md safe_mode_delay 0 && put g 500 && asleep $slow'
check "a write-mostly member appears: the array stays active" eval '[[ $(md safe_mode_delay) == 0.000 ]] && md safe_mode_delay 0.2 &&
	md dev-dm-1/state -writemostly && md dev-dm-1/state writemostly && [[ $(md safe_mode_delay) == 0.000 ]]'
check "grown: it sleeps, with bits for all" eval 'mdadm --quiet --grow /dev/md0 --size=20480 && become_in_sync && put h 4000 && asleep $slow'
check "the fast member is lost: it is awake before the next write ends" \
	eval 'mdadm --quiet /dev/md0 --fail /dev/fast && put i 600 && [[ $(dirty_bits $slow) -lt 100 ]]'
check "a member comes back" eval 'wait_for 20 "mdadm --quiet /dev/md0 --remove /dev/fast" && mdadm --quiet /dev/md0 --re-add /dev/fast && become_in_sync'
check "it sleeps again" eval 'put j 700 && wait_for 20 "asleep $slow"'
check "the bits go" clean_bits /dev/fast
check "stop: it is awake" eval 'stop && awake $slow'
check "legs are equal" legs_equal /dev/fast $slow

# ---- what it saves ----

check "assemble" assemble /dev/fast $slow
put k 0
reload slow "$(delay_table /dev/mapper/slow-base 100000000 0)"
put_five() {
	local i
	for i in {1..5}; do
		put l $((i * 100)) || return
	done
}
background put_five
check "writes to clean chunks do not wait for the slow member's bitmap" ends 120 "$job"
check "nor does clearing it" eval 'let_through slow && clean_bits /dev/fast'
open_leg slow

# ---- what others make of it ----

# crash_images: copies of both members as a crash would leave them: /dev/f and /dev/s. The slow one lacks the last writes.
crash_images() {
	close_leg slow
	put "$1" 1000
	put "$1" 4000
	for pair in fast:f slow-disk:s; do
		dd if="/dev/${pair%:*}" of="/dev/${pair#*:}" bs=1M iflag=direct oflag=direct status=none || die "images"
	done
	open_leg slow
}

# found BY WHOM...: the members found after the crash; then a write, then the others come back.
found() {
	local what="$by finds ${*/#//dev/}" other data
	check "$what: assemble" assemble --run "${@/#//dev/}" || return
	wait_for 60 'idle md0'
	(($# < 2)) || become_in_sync 60
	# alone, it may be clean by now
	check "$what: write" eval 'put new 2000 && sleep 3'
	for other in f s; do
		[[ " $* " == *" $other "* ]] || check "$what: $other comes back" \
			eval "mdadm --quiet /dev/md0 --re-add /dev/$other || mdadm --quiet /dev/md0 --add /dev/$other"
	done
	check "$what: in sync" become_in_sync
	check "$what: stop" stop
	check "$what: legs are equal" legs_equal /dev/f /dev/s
	data=$(data_offset /dev/f)
	check "$what: the new data is there" has new 2000 /dev/f "$data"
	[[ $1 == s && $# == 1 ]] || check "$what: the old data is there" has "$text" 4000 /dev/f "$data"
}

null_disk f 32 0
null_disk s 32 0
text=x
crash_images $text
check "stop" stop
null_disk f0 32 0
null_disk s0 32 0
for i in f s; do
	dd if=/dev/$i of=/dev/${i}0 bs=1M oflag=direct status=none
done

for by in raid1wb kernel; do
	if [[ $by == kernel ]]; then
		check "our module unloads" unload_raid1
		must modprobe raid1
	fi
	for who in "f s" "s f" f s; do
		for i in f s; do
			dd if=/dev/${i}0 of=/dev/$i bs=1M oflag=direct status=none
		done
		# shellcheck disable=SC2086 # a list
		found $who
	done
done
