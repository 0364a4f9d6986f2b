#!/bin/bash
# vm: --icount --timeout 900
# The link is cut for a minute, which is too long (--hold): the leg fails, whoever waits for it goes on, and when it is there again
# it is put back and caught up without a hand (--readd). Without --readd it is not.
. /tests/remote/lib.sh

begin
must export_leg
attach_leg --silence 5 --hold 10 --readd "${soon[@]}"
mirror 100
check "a leg in use is not detached" no remote-leg detach "$PROTOCOL" leg

# cut_until_it_fails FROM
cut_until_it_fails() {
	cut
	check "the link is cut: writes are acknowledged" ahead 60 writes some 60 "$1"
	check "the leg lacks them" [ "$(backlog)" = 60 ]
	background writes more 200 $(($1 + 4))
	writer=$job
	check "the limit is reached" wait_for 20 '[[ $(backlog) -ge 100 ]]'
	check "writes beyond the limit wait" running "$writer"
	check "the leg fails" wait_for 60 has_failed
	check "they are acknowledged" ends 20 "$writer"
	check "and so are others" acked writes others 100 $(($1 + 8))
}

cut_until_it_fails 8
sleep 60
check "it stays out" [ "$(md degraded)" = 1 ]
written=$(statistic $far_disk 7)
mend_link
check "the link is there again: the leg is put back, and catches up" become_in_sync 60
check "only what it lacks is copied" [ $(($(statistic $far_disk 7) - written)) -lt $((disk_mib * 2048 / 2)) ]
check "writes go behind again" ahead 30 writes again 60 24
check "the leg catches up" drained 60

must sed -i 's/"readd": true/"readd": false/' /run/remote-leg/*.json
cut_until_it_fails 32
mend_link
check "without --readd: the other machine can be reached again" wait_for 60 readable
check "the leg stays out" no wait_for 20 in_sync
check "removed by hand" wait_for 20 'mdadm --quiet /dev/md0 --remove $leg 2>/dev/null'
check "put back by hand" mdadm --quiet /dev/md0 --re-add "$leg"
check "it catches up" become_in_sync
the_end
