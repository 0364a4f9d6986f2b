#!/bin/bash
# vm: --smp 2 --timeout 600
# From RAID5 with two members to RAID1, and from RAID1 to RAID5 and RAID0; data is kept.
. /tests/lib.sh
. /tests/array.sh

# level_to LEVEL: what md refuses while it looks at the members, it does later.
level_to() {
	wait_for 20 "md level $1 2>/dev/null" && [[ $(md level) == "$1" ]]
}

# refused LEVEL: nothing changes.
refused() {
	local before
	before=$(md level)
	no md level "$1" && [[ $(md level) == "$before" ]]
}

load_raid1
must modprobe raid456
must modprobe raid0
fast_sync
null_disk a 24 0
null_disk b 24 0
null_disk c 24 0

must mdadm --quiet --create /dev/md0 --run --level=5 --raid-devices=2 --bitmap=none /dev/a /dev/b
must become_in_sync
check "raid5: write" eval 'put one 1 && put two 2000'
check "raid5 with a bitmap" mdadm --quiet --grow --bitmap=internal /dev/md0
! ours || check "raid5 with a bitmap is refused" refused raid1
check "raid5 without" mdadm --quiet --grow --bitmap=none /dev/md0
check "raid5 to raid1" level_to raid1
check "raid1: all is there" eval 'has one 1 && has two 2000'
check "raid1: it is whole" become_in_sync
check "raid1: write" acked put three 3
check "raid1: superblocks say so" wait_for 20 '[[ $(mdadm --examine /dev/a) == *"Raid Level : raid1"* ]]'
check "raid1: a bitmap" mdadm --quiet --grow --bitmap=internal --bitmap-chunk=64K --write-behind=256 /dev/md0
check "raid1: a slow member" md dev-b/state writemostly
check "raid1: write behind" acked put four 1000
check "raid1: three members" eval 'mdadm --quiet /dev/md0 --add /dev/c && wait_for 20 "md raid_disks 3 2>/dev/null" && become_in_sync'
check "raid1: three members are refused" refused raid5
check "raid1: two members" eval 'mdadm --quiet /dev/md0 --fail /dev/c && wait_for 20 "mdadm --quiet /dev/md0 --remove /dev/c 2>/dev/null" &&
	wait_for 20 "md raid_disks 2 2>/dev/null" && become_in_sync'
check "raid1: raid0 of two members is refused" refused raid0
check "raid1: a check finds nothing" nothing_differs

check "raid1 to raid5" level_to raid5
check "raid5: all is there" eval 'has one 1 && has two 2000 && has three 3 && has four 1000'
check "raid5: write" acked put five 500
check "raid5: superblocks say so" wait_for 20 '[[ $(mdadm --examine /dev/a) == *"Raid Level : raid5"* ]]'
! ours || check "raid5: md knows of no bitmap" [ "$(md bitmap/location)" = none ]
! ours || check "raid5: they tell of no bitmap" no mdadm -X /dev/a
check "raid5: a check finds nothing" nothing_differs
check "raid5: stop" stop
check "raid5: members are equal" legs_equal /dev/a /dev/b
check "raid5: assemble" assemble /dev/a /dev/b
check "raid5: no resync" in_sync
[[ $(md bitmap/location) == none ]] || must mdadm --quiet --grow --bitmap=none /dev/md0
check "and back to raid1" level_to raid1
check "raid1: all is there" eval 'has one 1 && has five 500'
check "raid1: fail" mdadm --quiet /dev/md0 --fail /dev/b
check "raid1: remove" wait_for 20 'mdadm --quiet /dev/md0 --remove /dev/b 2>/dev/null'
check "raid1 with a bitmap" mdadm --quiet --grow --bitmap=internal /dev/md0
check "raid1 with a bitmap: raid0 is refused" refused raid0
check "raid1 without" mdadm --quiet --grow --bitmap=none /dev/md0
check "raid1 to raid0" level_to raid0
check "raid0: all is there" eval 'has one 1 && has two 2000 && has three 3 && has four 1000 && has five 500'
check "raid0: write" acked put six 600
check "raid0: stop" stop
check "raid0: assemble" assemble /dev/a
check "raid0: all is there" eval 'has five 500 && has six 600'
check "raid0: stop" stop
check "the module unloads" unload_raid1
