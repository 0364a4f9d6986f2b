#!/bin/bash
# vm: --icount --timeout 900
# The kernel's raid1 and ours, one after the other in the same boot on the same devices: write latency and the hold test.
. /tests/lib.sh
. /tests/latency.sh
. /tests/hold.sh

table=()

# row WHAT P50 P99
row() {
	table+=("$(printf '%-44s %8s us %8s us' "$@")")
}

# side MODE NAME: one of the two.
side() {
	MODE=$1
	echo "# $2"
	load_raid1
	measure_latency
	# shellcheck disable=SC2086 # two numbers
	{
		[[ ${#table[@]} != 0 ]] || row "fast device alone" $alone
		row "$2, write to a clean chunk" $clean
		row "$2, write to a dirty chunk" $dirty
	}
	hold_test >/run/hold
	sed 's/^/# /' /run/hold
	verdicts+=("$(printf '%-44s %s' "$2, hold test" "$hold_verdict")")
	must unload_raid1
}

side kernel "kernel's raid1"
# What that fails at is shown, not counted.
failures=0
side raid1wb raid1wb

echo
printf '%-44s %11s %11s\n' "4 KiB write, slow leg takes 20 ms" p50 p99
printf '%s\n' "${table[@]}" "${verdicts[@]}"
