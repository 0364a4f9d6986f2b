# shellcheck shell=bash
# The kernel's, without a bitmap, thus without write-behind.
. /bench/md.sh

# shellcheck disable=SC2034 # for md.sh and tests/lib.sh
MODE=kernel bitmap=none bitmaps=(none)
