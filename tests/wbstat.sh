#!/bin/bash
# vm: --icount
# In the machine of tests/host/wbstat.sh: what wbstat says of a real array. The slow leg holds up all writes to its data.
. /tests/lib.sh
. /tests/array.sh

# says STATUS TEXT COMMAND...: does it print a text like that, and exit so?
says() {
	local output status=0
	output=$("${@:3}" 2>&1) || status=$?
	echo "$output"
	[[ $status == "$1" && $output == *$2* ]]
}

# value FILTER VALUE: what does wbstat's JSON say?
value() {
	local found
	found=$(/wbstat --json | jq -r "$1")
	echo "$found"
	[[ $found == "$2" ]]
}

check "without raid1wb: one line" says 0 "raid1wb is not loaded" /wbstat
check "no more than that" [ "$(/wbstat 2>&1 | wc -l)" = 1 ]
check "monitoring cannot tell" says 3 "RAID1WB UNKNOWN - raid1wb is not loaded" /wbstat --check
check "metrics say so" says 0 "raid1wb_loaded 0" /wbstat --prometheus
check "JSON says so" value .loaded false
load_raid1
check "without an array" says 0 "raid1wb runs no array" /wbstat
fast_sync
cut_leg fast 32
slow_leg slow 32
modprobe dm-delay
fast=/dev/mapper/fast slow=/dev/mapper/slow

must create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=1 --data-offset=1M \
	--write-behind=100 $fast --write-mostly $slow
must wait_for 10 '[[ -d /sys/block/md0/md/write_behind/slot1 ]]'
check "monitoring: fine" says 0 "RAID1WB OK - md0: 2 members, lag 0 ms, backlog 0 writes" /wbstat --check /dev/md0
check "another array is unknown" says 3 "does not run md7" /wbstat --check md7
check "a write" acked put one 5
check "another one" acked put two 50
check "the table has them" says 0 "backlog 2 of 100 writes, 8 KiB of" /wbstat md0
check "JSON has them" value '.arrays[0].members[1].backlog_writes' 2
check "and who is behind" value '.arrays[0].members[1].state' behind
check "and all names" value '[.arrays[0].members[1] | keys[]] | sort | join(" ")' "$(
	cd /sys/block/md0/md/write_behind/slot1 && printf '%s\n' * slot | sort | xargs
)"
check "it lags" wait_for 20 '/wbstat --json | jq -e ".arrays[0].members[1].lag_ms > 1000" >/dev/null'
check "too much for monitoring" says 2 "RAID1WB CRITICAL - md0: dm-2 lags" /wbstat --check --max-lag=500ms
check "or nearly" says 1 "RAID1WB WARNING - md0: dm-2 lags" /wbstat --check --warn-lag 500ms --max-lag 1h
check "too many writes" says 2 "dm-2 lacks 2 writes" /wbstat --check --max-backlog 1
check "not too many" says 0 "RAID1WB OK" /wbstat --check --max-backlog=2 --max-lag=1h
check "metrics" says 0 'raid1wb_member_backlog_writes{array="md0",slot="1",device="dm-2"} 2' /wbstat --prometheus
check "in a file" eval '/wbstat --prometheus --output /run/metrics && grep -q "^raid1wb_loaded 1$" /run/metrics'
background /wbstat --json md0 0.5 8
viewer=$job
check "let through" wait_for 20 'let_through slow; [[ $(held_up slow) == 0 ]]'
check "the view ends" ends 60 "$viewer"
check "it has seen writes arrive" eval 'jq -se "[.[].arrays[0].members[1].per_second.arrived_writes // 0] | max > 0" "$viewer.output"'
check "it has looked eight times" [ "$(wc -l <"$viewer.output")" = 8 ]
check "no backlog" wait_for 20 'value .arrays[0].backlog_writes 0'
# As long as writes are on their way there, md cannot let go of it.
check "a write" acked put three 60
check "the slow leg fails" mdadm --quiet /dev/md0 --fail $slow
check "critical" says 2 "dm-2 has failed" /wbstat --check
open_leg slow
check "it is removed" wait_for 20 "mdadm --quiet /dev/md0 --remove $slow 2>/dev/null"
check "critical still" wait_for 20 'says 2 "nobody in slot 1" /wbstat --check'
# All of it, and so slowly that it can be seen.
must mdadm --zero-superblock $slow
echo 100 >/sys/block/md0/md/sync_speed_max
echo 1 >/sys/block/md0/md/sync_speed_min
check "another one comes" mdadm --quiet /dev/md0 --add $slow
check "a warning" wait_for 20 'says 1 "dm-2 is recovering" /wbstat --check'
check "catch-up has a time left" wait_for 60 '/wbstat --json | jq -e ".arrays[0].catch_up.left_s > 0" >/dev/null'
check "the table shows it" says 0 " left" /wbstat
echo system >/sys/block/md0/md/sync_speed_max
echo system >/sys/block/md0/md/sync_speed_min
check "recovery" become_in_sync
check "all is well" wait_for 20 'says 0 "RAID1WB OK - md0: 2 members" /wbstat --check'
check "wrong options are no news of arrays" says 3 "" /wbstat --check --max-lag soon
check "stop" stop
check "the module unloads" unload_raid1
