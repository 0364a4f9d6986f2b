#!/bin/bash
# wbstat on a real array, in a virtual machine; and is every attribute that it reads documented?
. "$(dirname "$0")/../lib.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)
abi=$top/docs/ABI
output=$(mktemp)
trap 'rm -f "$output"; finish' EXIT

# in_code FILE PREFIX: the attributes that it makes.
in_code() {
	sed -nE "s|^ENTRY(_SET)?\(([a-z_]+).*|$2\2|p" "$top/$1"
}

# in_document: those that are documented.
in_document() {
	sed -nE 's|^What:.*/write_behind/(.*[^/])$|\1|p' "$abi"/*
}

check "the document is well-formed" [ -z "$("$("$top/scripts/linux-source")/scripts/get_abi.pl" --dir "$abi" validate 2>&1)" ]
check "every attribute is documented, and no other" diff <({
	in_code behind_sysfs.c ''
	in_code slot_sysfs.c 'slot<N>/'
} | sort) <(in_document | sort)

"$top/scripts/tools" wbstat-static || die "no wbstat"
"$top/scripts/vm" --file "$top/build/tools/wbstat/wbstat-static:wbstat" "$top/tests/wbstat.sh" >"$output" 2>&1
status=$?
cat "$output"
cases=$((cases + $(grep -c '^ok ' "$output")))
failures=$((failures + $(grep -c '^not ok ' "$output")))
[[ $status == 0 ]] || not_ok "wbstat in a virtual machine: exit status $status"
