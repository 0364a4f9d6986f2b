#!/bin/bash
# vm: --icount --timeout 900
# A leg that is 20 or 100 ms away, on a wire that loses one packet in a hundred: nobody waits for it.
. /tests/remote/lib.sh

begin
must export_leg
attach_leg --hold 300
target=/dev/alone writes alone 1000 8 || die "set-up: writes to a disk alone"
mirror 4096
for ms in 20 100; do
	link $ms loss 1%
	check "$ms ms: writes are acknowledged while the leg lacks them" ahead 100 writes "$ms-ms" 1000 8
	ratio "$ms-ms" alone
	check "$ms ms: and so are flushes" ahead 20 writes "$ms-ms-flush" 200 16 --fsync=10
	check "$ms ms: the leg catches up" drained 120
	check "$ms ms: bits go" clean_bits /dev/fast
done
check "the leg never failed" never_failed
the_end
