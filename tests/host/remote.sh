#!/bin/bash
# A leg on another machine: one test of scripts/check-remote.
. "$(dirname "$0")/../lib.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)
output=$(mktemp)
trap 'rm -f "$output"; finish' EXIT

"$top/scripts/check-remote" --quick >"$output" 2>&1
status=$?
cat "$output"
cases=$((cases + $(grep -c '^ok ' "$output")))
failures=$((failures + $(grep -c '^not ok ' "$output")))
[[ $status == 0 ]] || not_ok "a leg on another machine: exit status $status"
