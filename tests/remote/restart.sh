#!/bin/bash
# vm: --icount --timeout 900
# What serves the leg is killed and started again, with the link there and with the link cut: a machine that crashes. The leg is
# waited for.
. /tests/remote/lib.sh

begin
must export_leg
attach_leg --silence 5 --hold 300 --readd "${soon[@]}"
mirror 4096

# round NAME FROM: killed, and some writes during that; then started again.
round() {
	check "$1: it is killed" kill_target
	check "$1: writes are acknowledged while the leg lacks them" ahead 60 writes some 60 "$2"
	check "$1: the connection is lost" wait_for 60 disconnected
	check "$1: writes are acknowledged" acked writes more 60 $(($2 + 4))
	sleep 10
	[[ $1 != cut ]] || mend_link
	check "$1: it is started again" export_leg
	check "$1: the leg is there again" become_in_sync 60
	check "$1: it catches up" drained 60
	check "$1: it never failed" never_failed
	check "$1: writes go behind again" ahead 30 writes again 60 $(($2 + 8))
	check "$1: the leg catches up" drained 60
}

check "writes are acknowledged" acked writes before 100 4
round there 8
cut
round cut 24
the_end
