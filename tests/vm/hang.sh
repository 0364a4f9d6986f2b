#!/bin/bash
# vm: --icount
# A slow leg that hangs, with writes outstanding, is failed; or the fast one is.
. /tests/lib.sh
. /tests/array.sh

fast=/dev/mapper/fast slow=/dev/mapper/slow medium=/dev/slow-disk offset=2048

take_out() {
	wait_for 20 "mdadm --quiet /dev/md0 --remove $1 2>/dev/null"
}

load_raid1
fast_sync
cut_leg fast 24
slow_leg slow 24
must create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=1 --data-offset=1M \
	--write-behind=100 $fast --write-mostly $slow
clean_bits $fast || die "the bits of a new array stay set"

# The leg loses what is on the way to it, and comes back.
check "a write goes behind" acked put one 100
check "the slow leg fails meanwhile" acked mdadm --quiet /dev/md0 --fail $slow
check "the array goes on" acked put two 200
check "what was on the way is lost" lose slow-base slow-disk
check "with an error or not" open_leg slow
check "remove the leg" take_out $slow
check "the bits stay" no wait_for 4 '[[ $(dirty_bits $fast) -lt 2 ]]'
check "the leg is mended" mend slow-base slow-disk
check "it lacks what was on the way" no has one 100 $medium $offset
check "it comes back" mdadm --quiet /dev/md0 --re-add $slow
check "recovery" become_in_sync
check "the bits go" clean_bits $fast
check "it has what was lost" has one 100 $medium $offset
check "legs are equal" legs_equal $fast $medium

# A leg that failed hangs on: the array does not.
close_leg slow
check "hung: writes go behind" acked eval 'put three 300 && put four 400'
check "hung: fail it" acked mdadm --quiet /dev/md0 --fail $slow
! ours || check "hung: it is written" acked put five 500
background put six 300
writer=$job
check "hung: it is read" acked has four 400
check "hung: degraded on disk" wait_for 20 '[[ $(mdadm -E $fast | sed -n "s/.*Array State : \([A.]*\).*/\1/p") == A. ]]'
open_leg slow
check "hung: a write where one was on the way ends when the leg answers" ends 20 "$writer"
check "hung: the leg can be removed when it answers" take_out $slow
check "hung: write" acked put seven 301
check "hung: it comes back" mdadm --quiet /dev/md0 --re-add $slow
check "hung: recovery" become_in_sync
check "hung: the bits go" clean_bits $fast
check "hung: legs are equal" legs_equal $fast $medium

# A new member joins while the slow leg hangs: nobody waits for it.
null_disk third 24 0
close_leg slow
check "hung: a write behind" acked put eight 600
! ours || check "hung: a spare is added" acked mdadm --quiet /dev/md0 --add /dev/third
open_leg slow
check "hung: the bits go" clean_bits $fast

# A resync with the slow leg hanging ends when the leg answers.
close_leg slow
check "check: a write behind" acked put nine 700
background scrub check
scrubber=$job
check "check: a write while checking" acked put ten 701
open_leg slow
check "check: it ends" ends 60 "$scrubber"
check "check: it finds nothing" [ "$(md mismatch_cnt)" = 0 ]

check "stop" stop
check "legs are equal" legs_equal $fast $medium
check "the module unloads" unload_raid1
