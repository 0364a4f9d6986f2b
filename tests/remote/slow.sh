#!/bin/bash
# vm: --icount --timeout 900
# A link too slow for the load, 1 Mbit/s: at the limit, writes go at its pace, however long one request takes; nothing fails.
. /tests/remote/lib.sh

begin
link 20 rate 1mbit limit 50
must export_leg
attach_leg --hold 300 --answer 600
mirror 64
check "few writes are acknowledged while the leg lacks them" ahead 30 writes few 60 8
check "the leg catches up" drained 60
start=$(now)
background writes many 500 8
writer=$job
check "too many: the limit is reached" wait_for 60 '[[ $(md write_behind/waited_limit_count) -gt 0 ]]'
check "they go on" ends 120 "$writer"
echo "# at the limit: $((2000000 / ($(now) - start))) KiB/s"
check "the leg catches up" drained 60

# Requests that are under way for longer than most drivers wait for one (30 s).
md write_behind/limit_writes 4096
check "large writes are acknowledged while the leg lacks them" ahead 8 fio --name=large --filename=/dev/md0 --rw=write --bs=1m \
	--size=8m --offset=16m --direct=1 --ioengine=psync --output-format=terse
check "and small ones" ahead 20 writes small 20 8
check "the leg catches up" drained 300
check "that took its time" [ "$(md write_behind/slot1/max_lag_ms)" -ge 40000 ]
check "the leg never failed" never_failed
check "its connection was never lost" connected_once
the_end
