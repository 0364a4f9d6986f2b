#!/bin/bash
# vm: --icount
# What serves the leg is killed and started again, with the link there and with the link cut: a machine that crashes.
. /tests/remote/lib.sh

begin
must export_leg
attach_leg --silence 5 --hold 300 --readd
mirror 4096

# round NAME FROM: killed, and 60 writes during that; then started again.
round() {
	check "$1: it is killed" kill_target
	check "$1: writes are acknowledged" ahead 60 writes some 60 "$2"
	check "$1: nobody can reach it" wait_for 60 disconnected
	check "$1: writes are acknowledged" acked writes more 60 $(($2 + 4))
	sleep 10
	[[ $1 != cut ]] || mend_link
	check "$1: it is started again" export_leg
	check "$1: the leg catches up" caught_up
	check "$1: writes go behind again" ahead 30 writes again 60 $(($2 + 8))
	check "$1: the leg catches up" drained 60
}

check "writes are acknowledged" acked writes before 100 4
round there 8
cut
round cut 24
the_end
