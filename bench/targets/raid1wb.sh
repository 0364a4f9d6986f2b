# shellcheck shell=bash
# Ours.
. /bench/md.sh

# shellcheck disable=SC2034 # for tests/lib.sh
MODE=raid1wb
