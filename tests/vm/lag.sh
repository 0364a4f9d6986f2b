#!/bin/bash
# vm: --icount
# md/write_behind/ and the tracepoints: how far behind a member is, and what was decided on the way.
# The slow leg holds up all writes to its data until they are let through.
. /tests/lib.sh
. /tests/array.sh

load_raid1
fast_sync
cut_leg fast 32
slow_leg slow 32
modprobe dm-delay
fast=/dev/mapper/fast slow=/dev/mapper/slow
trace=/sys/kernel/tracing
names="backlog_bytes backlog_writes behind_bytes behind_writes device dropped_writes lag_ms max_backlog_bytes \
max_backlog_writes max_lag_ms state"

# wb ATTRIBUTE [VALUE]
wb() {
	md "write_behind/$1" "${@:2}"
}

# is ATTRIBUTE VALUE
is() {
	[[ $(wb "$1") == "$2" ]] || {
		wb "$1"
		return 1
	}
}

# between ATTRIBUTE MIN MAX
between() {
	local value
	value=$(wb "$1")
	echo "$value"
	((value >= $2 && value <= $3))
}

# both ATTRIBUTE VALUE: of the array and of the slow member.
both() {
	is "$1" "$2" && is "slot1/$1" "$2"
}

# resets ATTRIBUTE VALUE: to VALUE, by 0 and by nothing else.
resets() {
	local before
	before=$(wb "$1")
	no wb "$1" 1 2>/dev/null && no wb "$1" x 2>/dev/null && is "$1" "$before" && wb "$1" 0 && is "$1" "$2"
}

# settle: let everything through until legs are equal and bits are gone.
settle() {
	wait_for 60 "let_through slow; [[ \$(dirty_bits $fast) == 0 && \$(held_up slow) == 0 ]]"
}

# kernel_name DEVICE
kernel_name() {
	basename "$(readlink -f "$(in_sysfs "$1")")"
}

# number DEVICE: its numbers, as the tracepoints show them.
number() {
	stat -L -c '%Hr,%Lr' "$1"
}

# traced EVENT TEXT: has that happened?
traced() {
	grep -q "r1wb_$1: .*$2" $trace/trace || {
		grep "r1wb_$1:" $trace/trace
		return 1
	}
}

must create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=1 --data-offset=1M \
	--write-behind=100 $fast --write-mostly $slow
clean_bits $fast || die "the bits of a new array stay set"
check "members have directories" wait_for 10 '[[ -d /sys/block/md0/md/write_behind/slot1 ]]'
check "both of them" [ "$(cd /sys/block/md0/md/write_behind && echo slot*)" = "slot0 slot1" ]
check "their attributes" [ "$(cd /sys/block/md0/md/write_behind/slot1 && echo *)" = "$names" ]
check "all of them can be read" grep -r . /sys/block/md0/md/write_behind
check "the fast one's device" is slot0/device "$(kernel_name $fast)"
check "the slow one's" is slot1/device "$(kernel_name $slow)"
check "the fast one is in sync" is slot0/state sync
check "the slow one is behind" is slot1/state behind
check "nothing lags" both lag_ms 0
check "the limit is mdadm's" is limit_writes 100

must mount -t tracefs none $trace
echo 1 >$trace/events/raid1wb/enable || die "no tracepoints"
begin=$(now)
check "a write" acked put one 5
check "the backlog is one write" both backlog_writes 1
check "of a block" both backlog_bytes 4096
check "not on the fast member" is slot0/backlog_writes 0
check "it becomes old" wait_for 20 '(($(wb slot1/lag_ms) >= 1500))'
check "not older than it is" between slot1/lag_ms 1500 $(($(now) - begin + 10))
check "the array lags as much" between lag_ms 1500 $(($(now) - begin + 10))
check "the fast member does not" is slot0/lag_ms 0
later=$(now)
check "a younger write" acked put two 6
check "another one in its block" acked put three 6
check "and another one, which takes the place of that" acked put four 6
check "the backlog is three writes" both backlog_writes 3
check "one is dropped" both dropped_writes 1
check "the oldest counts" between slot1/lag_ms $((later - begin)) $(($(now) - begin + 10))
check "let through" settle
check "nothing lags any more" both lag_ms 0
check "no backlog" both backlog_writes 0
check "of no bytes" both backlog_bytes 0
check "all are counted" both behind_writes 4
check "all bytes as well" is slot1/behind_bytes $((4 * 4096))
check "the largest lag" between slot1/max_lag_ms $((later - begin)) $(($(now) - begin + 10))
check "the largest backlog, before one was dropped" both max_backlog_writes 4
check "of so many bytes" both max_backlog_bytes $((4 * 4096))
check "the lag is reset" resets slot1/max_lag_ms 0
check "the member's writes are" resets slot1/max_backlog_writes 0
check "its bytes are" resets slot1/max_backlog_bytes 0
check "the array's writes are" resets max_backlog_writes 0
check "its bytes are" resets max_backlog_bytes 0
echo 0 >$trace/events/raid1wb/enable

array="dev=$(number /dev/md0)" member="member=$(number $slow)"
check "trace: a write goes behind" traced write_behind "$array sector=40+8 backlog=0 bytes=0"
check "trace: it is acknowledged" traced write_acked "$array sector=40+8 behind=1"
check "trace: the member lags" traced member_lags "$array $member"
check "trace: a write waits for its turn there" traced write_queued "$array $member sector=48+8"
check "trace: it is dropped" traced write_dropped "$array $member sector=48+8 covered_by=48+8"
check "trace: the member has caught up" traced member_caught_up "$array $member"
check "trace: bits are set" traced bit_set "$array chunk=0"
check "trace: a page is written" traced commit "$array page=0"
check "trace: it is there" traced commit_ended "$array page=0 .* good"
check "trace: bits are cleared" traced bit_cleared "$array chunk=0"
echo >$trace/trace

check "the limit can be set" wb limit_writes 1
check "it is md's" [ "$(md bitmap/backlog)" = 1 ]
check "but not to nonsense" no wb limit_writes many
check "a write behind" acked put five 20
echo 1 >$trace/events/raid1wb/r1wb_write_waits/enable
background put six 30
writer=$job
check "another one waits" wait_for 20 '[[ $(wb waited_limit_count) == 1 ]]'
check "it is not owed" both backlog_writes 1
check "let through" wait_for 60 "let_through slow; ! running $writer"
check "trace: it waits for the limit" traced write_waits "$array sector=240+8 reason=limit_count"
check "with another limit" eval 'settle && wb limit_writes 100 && wb limit_bytes 4096'
check "a write behind" acked put seven 20
background put eight 30
writer=$job
check "another one waits" wait_for 20 '[[ $(wb waited_limit_bytes) == 1 ]]'
check "let through" wait_for 60 "let_through slow; ! running $writer"
check "trace: it waits for the other limit" traced write_waits "$array sector=240+8 reason=limit_bytes"
check "limits back" eval 'settle && wb limit_bytes 100000000'
echo >$trace/trace

echo 1 >$trace/events/raid1wb/r1wb_bitmap_copy/enable
check "a write behind" acked put nine 40
check "the slow member fails" mdadm --quiet /dev/md0 --fail $slow
check "it is shown" is slot1/state faulty
check "the array does not lag by it" is lag_ms 0
open_leg slow
check "it is removed" wait_for 20 "mdadm --quiet /dev/md0 --remove $slow 2>/dev/null"
check "its directory goes" wait_for 20 '[[ ! -e /sys/block/md0/md/write_behind/slot1 ]]'
check "the other one's stays" is slot0/state sync
check "a write meanwhile" acked put ten 41
# Recovery of what was written, and of no more, waits until it is let go.
echo frozen >/sys/block/md0/md/sync_action
check "it comes back" mdadm --quiet /dev/md0 --re-add $slow
echo idle >/sys/block/md0/md/sync_action
check "with a directory" wait_for 20 '[[ -e /sys/block/md0/md/write_behind/slot1 ]]'
check "and is behind again" eval 'become_in_sync && is slot1/state behind'
check "it was owed nothing before" is slot1/behind_writes 0
check "trace: its copy of the bitmap falls asleep" wait_for 20 'traced bitmap_copy "$array slot=1 nodding -> asleep"'
check "with the bitmap gone" md bitmap/location none
check "nobody is behind" is slot1/state sync
check "the bitmap comes back" md bitmap/location +8
check "stop" stop
check "nothing is left" [ ! -e /sys/block/md0/md/write_behind ]
must assemble $fast $slow
check "counters begin again" is behind_writes 0
check "stop" stop
check "the module unloads" unload_raid1
check "its tracepoints are gone" [ ! -e $trace/events/raid1wb ]
