#!/bin/bash
# The machine dies in the middle of writing: afterwards the legs become equal by the bitmap, and what was flushed is there.
. "$(dirname "$0")/../lib.sh"
vm=$(dirname "$0")/../../scripts/vm
images=$(mktemp -d)
trap 'rm -rf "$images"; finish' EXIT

# crash NAME [ENVIRONMENT]: one life and the one after it.
crash() {
	local output last
	output=$("$vm" --persist "$images/$1" --disks 2 64M --env "SLOW_FIRST=${2:-}" --kill-on '^flushed 80$' --timeout 240 \
		-c '. /tests/lib.sh; . /tests/crash.sh; load_raid1; make_mirror; write_until_killed' 2>&1)
	last=$(sed -n 's/^flushed //p' <<<"$output" | tail -n 1)
	[[ $last ]] || { not_ok "$1: the machine wrote" && echo "$output" && return; }
	"$vm" --persist "$images/$1" --disks 2 64M --timeout 240 \
		-c ". /tests/lib.sh; . /tests/crash.sh; load_raid1; survive $last" >"$images/output" 2>&1 || true
	sed "s/ok crash:/ok crash, $1:/" "$images/output"
	cases=$((cases + $(grep -c '^ok ' "$images/output")))
	failures=$((failures + $(grep -c '^not ok ' "$images/output")))
	grep -q '^ok ' "$images/output" || not_ok "crash, $1: the machine came up again"
}

crash "fast leg first"
crash "slow leg first" yes
