#!/bin/bash
# vm: --icount
# Write-behind: what is acknowledged, read, waited for and kept while the slow leg lacks it.
# The slow leg holds up all writes to its data until they are let through.
. /tests/lib.sh
. /tests/array.sh

load_raid1
fast_sync
cut_leg fast 32
slow_leg slow 32
modprobe dm-delay
fast=/dev/mapper/fast slow=/dev/mapper/slow medium=/dev/slow-disk offset=2048

# on_slow TEXT BLOCK: has the slow leg got it?
on_slow() {
	has "$1" "$2" $medium $offset
}

# drained JOB: let everything through until it ends.
drained() {
	wait_for 60 "let_through slow; ! running $1" && ends 1 "$1"
}

# settle: let everything through until legs are equal and bits are gone.
settle() {
	wait_for 60 "let_through slow; [[ \$(dirty_bits $fast) == 0 && \$(held_up slow) == 0 ]]"
}

# never SECONDS CONDITION: as long as one looks.
never() {
	no wait_for "$@"
}

must create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=1 --data-offset=1M \
	--write-behind=100 $fast --write-mostly $slow
[[ $(data_offset $fast) == "$offset" ]] || die "the data area is elsewhere"
clean_bits $fast || die "the bits of a new array stay set"
check "a write is acknowledged" acked put one 5
check "the slow leg lacks it" no on_slow one 5
check "the fast leg has it" has one 5 $fast $offset
check "it is read back" has one 5
check "its bit stays set" never 4 '[[ $(dirty_bits $fast) == 0 ]]'
check "the array is not clean on disk" no grep -q ' State : clean' <(mdadm -E $fast)
check "let through, the bit goes" settle
check "the slow leg has it" on_slow one 5
check "the array becomes clean on disk" wait_for 20 'mdadm -E $fast | grep -q " State : clean" || ours'

check "many writes are acknowledged" acked fio --name=many --filename=/dev/md0 --rw=randwrite --bs=4k --number_ios=60 \
	--offset=1M --size=8M --direct=1 --ioengine=psync --output-format=terse
check "the slow leg lacks them" no legs_equal $fast $medium
check "the backlog is counted" [ "$(md bitmap/max_backlog_used)" -ge 55 ]
check "let through" settle
check "legs are equal" legs_equal $fast $medium

# Overlapping writes reach the slow leg in the order in which they were accepted.
check "a write" acked put two 7
background eval 'put three 7 && put four 7'
writer=$job
check "an overwrite is acknowledged in the end" drained "$writer"
check "let through" settle
check "the last one wins" on_slow four 7
background eval 'put five 9 && blkdiscard -o 32768 -l 16384 /dev/md0 && put six 10'
writer=$job
check "a discard between writes is acknowledged in the end" drained "$writer"
check "let through" settle
check "the write after it is there" on_slow six 10
check "the write before it is not" no on_slow five 9
check "legs are equal" legs_equal $fast $medium

# At the limit, a write waits for the slow leg.
md bitmap/backlog 2
check "two writes go behind" acked eval 'put seven 20 && put eight 30'
background put nine 40
writer=$job
check "a third reaches both legs" wait_for 20 '[[ $(held_up slow) -ge 3 ]]'
check "it waits" running "$writer"
check "let through, it is acknowledged" drained "$writer"
check "the slow leg has it by then" on_slow nine 40
check "let through" settle
md bitmap/backlog 100

# A stop waits until everything is there.
check "a write before a stop" acked put ten 50
background mdadm --quiet --stop /dev/md0
stopper=$job
check "the stop waits" never 2 "! running $stopper"
check "and ends" drained "$stopper"
check "the slow leg has it by then" on_slow ten 50
check "clean on disk" grep -q ' State : clean' <(mdadm -E $fast)
check "no bit is set" [ "$(dirty_bits $fast)" = 0 ]
check "legs are equal" legs_equal $fast $medium
must assemble $fast $slow
check "no resync after it" in_sync
check "data is there" has ten 50

# Read-only as well.
check "a write before read-only" acked put eleven 51
background mdadm --quiet --readonly /dev/md0
job_readonly=$job
check "read-only comes" drained "$job_readonly"
check "the slow leg has it by then" on_slow eleven 51
check "clean on disk" grep -q ' State : clean' <(mdadm -E $fast)
check "and back" mdadm --quiet --readwrite /dev/md0

# All legs get the same bytes, even when a caller scribbles on what it is writing. Without write-behind they do not,
# which shows that this caller scribbles indeed.
scribbled() {
	truncate -s 1M /dev/shm/shared
	acked fio --output-format=terse --iomem=mmapshared:/dev/shm/shared --bs=64k --size=2M --refill_buffers=1 \
		--name=write --filename=/dev/md0 --rw=write --offset=16M --direct=1 --ioengine=psync --exitall \
		--name=scribble --filename=/dev/null --ioengine=null --rw=write --time_based --runtime=100
}

# scribbled_until_they_differ: whether the scribbler hits a write under way is a matter of luck, so it tries again.
scribbled_until_they_differ() {
	local round
	for round in {1..8}; do
		scribbled && settle || return
		legs_equal $fast $medium >/dev/null || return 0
	done
	echo "equal after $round rounds"
	return 1
}

open_leg slow
reload slow "$(delay_table /dev/mapper/slow-base 20 $offset)"
check "a caller scribbles on what it writes" scribbled
check "let through" settle
check "legs are equal" legs_equal $fast $medium
md bitmap/backlog 0
check "without write-behind a scribbling caller can make the legs differ" scribbled_until_they_differ
check "repair" scrub repair
check "legs are equal again" legs_equal $fast $medium
md bitmap/backlog 100
reload slow "$(delay_table /dev/mapper/slow-base 100000000 $offset)"

# When the fast leg is gone, a read waits for the writes behind to its range, and for no others.
read_block() {
	dd if=/dev/md0 of="/run/block$1" bs=4k skip="$1" count=1 iflag=direct status=none
}

check "a write" acked put twelve 70
check "the fast leg fails" acked mdadm --quiet /dev/md0 --fail $fast
background read_block 70
reader=$job
check "a read waits" never 2 "! running $reader"
! ours || check "a read elsewhere does not" acked read_block 71
background put thirteen 72
writer=$job
check "let through, the read comes" drained "$reader"
check "it has what was written" cmp -s /run/block70 <(block twelve)
check "a write meanwhile comes" drained "$writer"
check "and is on the slow leg" on_slow thirteen 72
open_leg slow
check "remove the fast leg" wait_for 20 "mdadm --quiet /dev/md0 --remove $fast"
check "add it again" mdadm --quiet /dev/md0 --add $fast
check "recovery" become_in_sync
check "bits go away" clean_bits $fast
check "legs are equal" legs_equal $fast $medium
check "writes go behind again" eval 'close_leg slow && acked put fourteen 73 && no on_slow fourteen 73'
check "let through" settle
check "stop" stop
check "the module unloads" unload_raid1
