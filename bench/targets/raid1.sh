# shellcheck shell=bash
# The kernel's, made with the same command.
. /bench/md.sh

# shellcheck disable=SC2034 # for tests/lib.sh
MODE=kernel
