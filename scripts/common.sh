# shellcheck shell=bash disable=SC2034
# Sourced by the other scripts.

me=${0##*/}
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${R1WB_CACHE:-${XDG_CACHE_HOME:-~/.cache}/raid1wb}
source_package=linux-source-6.12

die() {
	echo "$me: $*" >&2
	exit 1
}

# need COMMAND PACKAGE: COMMAND must be there.
need() {
	command -v "$1" >/dev/null || die "no $1: install $2"
}

# version_of PACKAGE: its version if it is installed, else nothing.
version_of() {
	dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$1" 2>/dev/null | sed -n 's/^installed //p'
}

# pack DIRECTORY: prints it as a cpio archive for the kernel, the same for the same contents. What else differed, an order or a
# time, would cost the kernel another number of instructions, and so shift virtual time.
pack() {
	(
		cd "$1" || exit
		find . -mindepth 1 -exec touch -hd @0 {} +
		find . -mindepth 1 -print0 | LC_ALL=C sort -z | cpio -0 --quiet -o -H newc -R 0:0 --reproducible
	)
}
