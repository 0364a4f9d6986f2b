# shellcheck shell=bash
# Targets that are /dev/md0, by mdadm. Sourced after lib.sh.
# shellcheck disable=SC2034,SC2154 # targets and scenarios share variables

# md_up: /dev/md0 of /dev/fast and /dev/slow, idle, all bits clear.
md_up() {
	local options=(--bitmap=none)
	load_raid1
	slow_disk_leg
	[[ $bitmap == none ]] || options=(--bitmap="$bitmap" --bitmap-chunk=64K --write-behind=4096)
	# shellcheck disable=SC2046 # a word or none
	must mdadm --quiet --create /dev/md0 --run --level=1 --raid-devices=2 --assume-clean "${options[@]}" \
		/dev/fast $(md_write_mostly) /dev/slow
	wait_for 60 '[[ $(dirty_bits /dev/fast) =~ ^0?$ ]]' || die "bits of a new array stay set"
	device=/dev/md0
}

# md_write_mostly: mdadm's flag for the slow leg.
md_write_mostly() {
	[[ $twins ]] || echo --write-mostly
}

md_down() {
	wait_for 120 'mdadm --quiet --stop /dev/md0 2>/dev/null' || die "cannot stop md0"
	remove_null_disk slow
	must unload_raid1
}
