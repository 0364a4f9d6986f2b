# shellcheck shell=bash disable=SC2034,SC2154
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

# unpacked_version_of PACKAGE: its version if its files are there, though perhaps not yet configured.
unpacked_version_of() {
	dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$1" 2>/dev/null |
		sed -En 's/^(installed|unpacked|half-configured|triggers-awaited|triggers-pending) //p'
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

# A job prints a line `ok ...` or `not ok ...` for each case. job NAME COMMAND... runs it and reports; what it printed, and how
# many cases were good and bad, goes to $logs.
job() {
	local name=$1 log=$logs/$1.log begin=$SECONDS status=0 good bad
	("${@:2}") >"$log" 2>&1 </dev/null || status=$?
	good=$(grep -ac '^ok ' "$log") || true
	bad=$(grep -ac '^not ok ' "$log") || true
	((bad > 0 || (status == 0 && good > 0))) || {
		echo "not ok $name: exit status $status, no failed case" >>"$log"
		bad=1
	}
	echo "$good $bad" >"$logs/$name.count"
	printf '%-24s %3d ok, %d not ok, %d s\n' "$name" "$good" "$bad" $((SECONDS - begin))
	((bad == 0)) || { grep -a -A 20 '^not ok ' "$log" && echo "... $log ends:" && tail -n 30 "$log"; } | sed 's/^/    /'
}

# sum_up: prints how many cases of all jobs were good and bad. An error if any was bad, or none good.
sum_up() {
	cat "$logs"/*.count 2>/dev/null | awk '{ good += $1; bad += $2 }
		END { printf "%d passed, %d failed\n", good, bad; exit bad > 0 || good == 0 }'
}
