#!/bin/bash
# The crash laboratory finds nothing in ours, and the early cleared bits of the kernel's raid1.
. "$(dirname "$0")/../lib.sh"
lab=$(dirname "$0")/../../scripts/lab
keep=$(mktemp -d)
trap 'rm -rf "$keep"; finish' EXIT

"$lab" --keep "$keep" crash hold >"$keep/output" 2>&1
cat "$keep/output"
cases=$((cases + $(grep -c '^ok ' "$keep/output")))
failures=$((failures + $(grep -c '^not ok ' "$keep/output")))
((cases == 4)) || not_ok "the laboratory ran"

"$lab" --keep "$keep" --mode kernel hold >"$keep/output" 2>&1
check "the kernel's raid1: recorded" grep -q '^ok hold: recorded' "$keep/output" || cat "$keep/output"
check "the kernel's raid1: legs differ where the bit is clear" grep -q '^not ok hold: crash states' "$keep/output" ||
	cat "$keep/output"
