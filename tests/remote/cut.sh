#!/bin/bash
# vm: --icount --timeout 900
# The link is cut for a minute. The leg is waited for (--hold): nobody waits for it until the limit, nothing fails, and afterwards
# it gets what it lacks.
. /tests/remote/lib.sh

begin
must export_leg
attach_leg --silence 10 --hold 300 "${soon[@]}"
mirror 100
cut
check "the link is cut: writes are acknowledged" ahead 60 writes some 60 8
check "the leg lacks them" [ "$(backlog)" = 60 ]
background writes more 100 16
writer=$job
check "the limit is reached" wait_for 20 '[[ $(backlog) -ge 100 ]]'
sleep 60
check "writes beyond the limit wait" running "$writer"
check "it is known how far the leg is behind" [ "$(md write_behind/lag_ms)" -ge 60000 ]
check "what is there can be read" acked dd if=/dev/md0 of=/dev/null bs=1M count=32 iflag=direct status=none
check "the leg has not failed" in_sync
mend_link
check "the link is there again: they are acknowledged" ends 120 "$writer"
check "the leg catches up" drained 60
check "writes go behind again" ahead 30 writes again 60 24
check "the leg never failed" never_failed
the_end
