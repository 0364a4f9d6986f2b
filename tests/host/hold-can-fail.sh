#!/bin/bash
# The hold test tells a mirror that loses bits from one that does not: the kernel's raid1 fails it.
. "$(dirname "$0")/../lib.sh"
here=$(dirname "$0")

output=$("$here/../../scripts/vm" --env MODE=kernel "$here/../vm/hold.sh" 2>&1)
check "the kernel's raid1 fails the hold test" grep '^not ok hold: the bit stays until the legs are equal' <<<"$output"
