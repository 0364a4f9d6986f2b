#!/bin/bash
# vm: --smp 2
# Members fail, leave, come back and change their role, while fio writes.
. /tests/lib.sh
. /tests/array.sh

# take_out MEMBER: once md has let go of it.
take_out() {
	wait_for 20 "mdadm --quiet /dev/md0 --remove $1 2>/dev/null"
}

load_raid1
fast_sync
null_disk a 24 50
null_disk b 24 2000
null_disk c 24 500
must create --raid-devices=2 --bitmap=internal --bitmap-chunk=64K --delay=1 --write-behind=100 /dev/a --write-mostly /dev/b
must become_in_sync

start_writing
check "fail the slow member while writing" mdadm --quiet /dev/md0 --fail /dev/b
check "it is faulty" in_state b faulty
check "the array is degraded" [ "$(md degraded)" = 1 ]
check "writes go on" goes_on
check "remove it" take_out /dev/b
check "writes go on" goes_on
check "add it" mdadm --quiet /dev/md0 --add --write-mostly /dev/b
check "recovery" become_in_sync
check "it is write-mostly" in_state b write_mostly
check "writes go on" goes_on
check "fail the fast member" mdadm --quiet /dev/md0 --fail /dev/a
check "writes go on" goes_on
check "remove it" take_out /dev/a
check "add it" mdadm --quiet /dev/md0 --add /dev/a
check "recovery" become_in_sync
check "the slow member becomes a normal one" md dev-b/state -writemostly
check "writes go on" goes_on
check "and write-mostly again" md dev-b/state writemostly
check "writes go on" goes_on
check "add a spare" mdadm --quiet /dev/md0 --add /dev/c
check "fail the fast member" mdadm --quiet /dev/md0 --fail /dev/a
check "the spare takes its place" become_in_sync
check "it is in sync" in_state c in_sync
check "writes go on" goes_on
check "remove the failed one" eval 'take_out /dev/a && mdadm --quiet --zero-superblock /dev/a'
check "no write failed" stop_writing
check "the bits go" clean_bits /dev/c
check "a check finds nothing" nothing_differs
check "legs are equal" legs_equal /dev/c /dev/b

# How much is copied.
since() {
	echo $(($(statistic "$1" 7) - noted))
}

sectors=$(blockdev --getsz /dev/md0)
noted=$(statistic /dev/a 7)
check "a new member: fail" mdadm --quiet /dev/md0 --fail /dev/c
check "a new member: remove" take_out /dev/c
check "a new member: add" mdadm --quiet /dev/md0 --add /dev/a
check "a new member: recovery" become_in_sync
check "a new member: everything was copied" [ "$(since /dev/a)" -ge "$sectors" ]
check "a new member: the bits go" clean_bits /dev/a
check "a new member: legs are equal" legs_equal /dev/a /dev/b

check "re-add: fail" mdadm --quiet /dev/md0 --fail /dev/b
check "re-add: remove" take_out /dev/b
check "re-add: write" eval 'put one 1 && put two 1000 && put three 3000'
check "re-add: bits stay set while degraded" no wait_for 4 '[[ $(dirty_bits /dev/a) == 0 ]]'
check "re-add: three of them" [ "$(dirty_bits /dev/a)" = 3 ]
noted=$(statistic /dev/b 7)
check "re-add: add it again" mdadm --quiet /dev/md0 --re-add /dev/b
check "re-add: recovery" become_in_sync
check "re-add: only a little was copied" [ "$(since /dev/b)" -le $((3 * 128 + 512)) ]
check "re-add: the bits go" clean_bits /dev/a
check "re-add: legs are equal" legs_equal /dev/a /dev/b
check "re-add: while assembled with one: stop" stop
check "re-add: assemble with one" assemble --run /dev/a
check "re-add: write" put four 2000
noted=$(statistic /dev/b 7)
check "re-add: add it again" mdadm --quiet /dev/md0 --re-add /dev/b
check "re-add: recovery" become_in_sync
check "re-add: only a little was copied" [ "$(since /dev/b)" -le $((128 + 512)) ]
check "re-add: stop" stop
check "re-add: legs are equal" legs_equal /dev/a /dev/b
check "re-add: it is there" has four 2000 /dev/b "$(data_offset /dev/b)"

# A member that comes back to find its place taken is a spare. It lacks what is written from then on, and no bit tells.
check "spare: assemble" assemble /dev/a /dev/b
check "spare: fail" mdadm --quiet /dev/md0 --fail /dev/b
check "spare: remove" take_out /dev/b
check "spare: another takes its place" eval 'mdadm --quiet --zero-superblock /dev/c && mdadm --quiet /dev/md0 --add /dev/c'
check "spare: recovery" become_in_sync
check "spare: it comes back" mdadm --quiet /dev/md0 --re-add /dev/b
check "spare: it is one" in_state b spare
check "spare: write" put five 500
check "spare: the bits go" clean_bits /dev/a
noted=$(statistic /dev/b 7)
check "spare: fail the other" mdadm --quiet /dev/md0 --fail /dev/c
check "spare: recovery" become_in_sync
check "spare: everything was copied" [ "$(since /dev/b)" -ge "$sectors" ]
check "spare: stop" stop
check "spare: legs are equal" legs_equal /dev/a /dev/b

check "the module unloads" unload_raid1
