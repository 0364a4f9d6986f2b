#!/bin/bash
# vm: --icount
# Resync after an unclean stop, check, repair, their limits, growing.
. /tests/lib.sh
. /tests/array.sh

fast=/dev/mapper/fast slow=/dev/mapper/slow medium_fast=/dev/fast-disk medium=/dev/slow-disk offset=2048

# power_cut: from now on nothing reaches the media, whatever the array does; then it is stopped, and the media come back.
power_cut() {
	lose fast fast-disk
	lose slow-base slow-disk
	open_leg slow
	must stop
	mend fast fast-disk
	mend slow-base slow-disk
	close_leg slow
}

since() {
	echo $(($(statistic "$1" 7) - noted))
}

load_raid1
fast_sync
cut_leg fast 32
slow_leg slow 32
must create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=1 --data-offset=1M \
	--write-behind=100 $fast --write-mostly $slow
clean_bits $fast || die "the bits of a new array stay set"
sectors=$(blockdev --getsz /dev/md0)

# Twice: the slow leg comes second, then first.
for order in "$fast $slow" "$slow $fast"; do
	check "unclean: writes go behind" acked eval 'put one 100 && put two 1000 && put three 5000'
	check "unclean: the slow leg lacks them" no has two 1000 $medium $offset
	check "unclean: power cut" power_cut
	check "unclean: not clean on disk" grep -q ' State : active' <(mdadm -E $fast)
	check "unclean: legs differ" no legs_equal $medium_fast $medium
	check "unclean: three bits are set" [ "$(dirty_bits $fast)" = 3 ]
	open_leg slow
	noted=$(statistic $slow 7)
	# shellcheck disable=SC2086 # two names
	check "unclean: assemble $order" assemble $order
	check "unclean: data is there before the resync" has two 1000
	check "unclean: resync" become_in_sync
	check "unclean: only a little was copied" [ "$(since $slow)" -le $((3 * 128 + 1024)) ]
	check "unclean: at least that" [ "$(since $slow)" -ge $((3 * 128)) ]
	check "unclean: the bits go" clean_bits $fast
	check "unclean: legs are equal" legs_equal $fast $medium
	check "unclean: data is there" has two 1000
	# For the next round something to differ.
	must put zero 1000
	close_leg slow
done

# As long as the slow leg lacks it, time does not clear a bit.
check "idle: a write goes behind" acked put four 200
check "idle: time passes" no wait_for 5 '[[ $(dirty_bits $fast) == 0 ]]'
check "idle: power cut" power_cut
check "idle: legs differ" no legs_equal $medium_fast $medium
open_leg slow
check "idle: assemble" assemble $fast $slow
check "idle: resync" become_in_sync
check "idle: legs are equal" legs_equal $fast $medium

# After a crash the fast leg is run alone first, then the slow one comes back.
close_leg slow
check "alone: a write goes behind" acked put five 300
check "alone: power cut" power_cut
check "alone: assemble the fast leg" assemble --run $fast
check "alone: write" acked put six 301
check "alone: time passes" no wait_for 4 '[[ $(dirty_bits $fast) == 0 ]]'
open_leg slow
check "alone: the slow leg comes back" mdadm --quiet /dev/md0 --re-add $slow
check "alone: recovery" become_in_sync
check "alone: the bits go" clean_bits $fast
check "alone: legs are equal" legs_equal $fast $medium
check "alone: data is there" eval 'has five 300 && has six 301'

# Check and repair.
check "check: finds nothing" [ "$(scrub check)" = 0 ]
must put bad 500 $medium_fast
must scribble $medium 1 20
check "check: finds what differs" [ "$(scrub check)" -ge 8 ]
check "check: does not change it" no legs_equal $fast $medium
check "check: finds it again" [ "$(scrub check)" -ge 8 ]
check "repair: counts it" [ "$(scrub repair)" -ge 8 ]
check "repair: legs are equal" legs_equal $fast $medium
check "check: finds nothing any more" [ "$(scrub check)" = 0 ]
check "check: bits are gone" clean_bits $fast

# Part of the array.
must scribble $medium 1 20
check "sync_min" md sync_min $((24 * 2048))
check "check: does not find what is before sync_min" [ "$(scrub check)" = 0 ]
check "sync_min back" md sync_min 0
check "sync_max" md sync_max $((8 * 2048))
check "check: begin" md sync_action check
check "check: gets to sync_max" wait_for 20 "[[ \$(md sync_completed) == '$((8 * 2048)) / $sectors' ]]"
check "check: waits there" [ "$(md sync_action)" = check ]
check "check: has not found what is beyond" [ "$(md mismatch_cnt)" = 0 ]
check "write while it waits" acked put seven 7
check "sync_max back" md sync_max max
check "check: goes on to the end" wait_for 30 '[[ $(md sync_action) == idle ]]'
check "check: has found it" [ "$(md mismatch_cnt)" -ge 8 ]
check "repair" [ "$(scrub repair)" -ge 8 ]

# idle and frozen.
must md sync_max 2048
must md sync_action check
check "check runs" [ "$(md sync_action)" = check ]
check "idle ends it" md sync_action idle
check "it is idle" [ "$(md sync_action)" = idle ]
check "frozen" md sync_action frozen
check "it is frozen" [ "$(md sync_action)" = frozen ]
check "write while frozen" acked put eight 8
check "idle again" md sync_action idle
must md sync_max max
check "legs are equal" legs_equal $fast $medium
must stop

# A first sync that is interrupted goes on where it was.
open_leg slow
for bitmap in none internal; do
	must scribble $medium 30 1
	echo 2000 >/proc/sys/dev/raid/speed_limit_max
	echo 2000 >/proc/sys/dev/raid/speed_limit_min
	must create --raid-devices=2 --bitmap=$bitmap --data-offset=1M $fast $slow
	check "interrupted, bitmap=$bitmap: in the middle" wait_for 60 '[[ $(md sync_completed) =~ ^[0-9]{5,}.*/ ]]'
	check "interrupted, bitmap=$bitmap: stop" stop
	fast_sync
	noted=$(statistic $slow 7)
	check "interrupted, bitmap=$bitmap: assemble" assemble $fast $slow
	check "interrupted, bitmap=$bitmap: goes on to the end" become_in_sync
	[[ $bitmap != none ]] || check "interrupted, bitmap=$bitmap: not all was copied again" [ "$(since $slow)" -lt "$((sectors - 4096))" ]
	check "interrupted, bitmap=$bitmap: legs are equal" legs_equal $fast $medium
	check "interrupted, bitmap=$bitmap: stop again" stop
done

# Growing.
must create --raid-devices=2 --bitmap=internal --bitmap-chunk=64K --delay=1 --size=8M --data-offset=1M $fast $slow
must become_in_sync
must scribble $medium 1 20
must put nine 9
check "grow" mdadm --quiet --grow /dev/md0 --size=max
check "grow: larger" [ "$(blockdev --getsz /dev/md0)" = "$sectors" ]
check "grow: resync of what is new" become_in_sync
check "grow: the bitmap has grown" [ "$(mdadm -X $fast | sed -n 's/.*Bitmap : \([0-9]*\) bits.*/\1/p')" -ge $((sectors / 128)) ]
check "grow: write to what is new" acked put ten 7000
check "grow: the bits go" clean_bits $fast
check "grow: stop" stop
check "grow: legs are equal" legs_equal $fast $medium
check "grow: assemble" assemble $fast $slow
check "grow: no resync" in_sync
check "grow: data is there" eval 'has nine 9 && has ten 7000'
check "stop" stop
check "the module unloads" unload_raid1
