# shellcheck shell=bash
# What the targets that are md arrays have in common: /dev/md0 of /dev/fast and /dev/slow, by mdadm. $MODE says whose
# personality it is, as in tests/lib.sh.
# shellcheck disable=SC2034,SC2154 # targets and scenarios share variables

md_recovered='md: md0: recover done'

target_up() {
	# md asks for raid1 whatever personality is there; ours loads only before it.
	[[ $MODE == kernel ]] || modprobe -r raid1
	load_raid1
	slow_disk_leg
	md_create --assume-clean
	[[ $bitmap == none ]] || wait_for 300 '[[ $(dirty_bits /dev/fast) == 0 ]]' || die "bits of a new array stay set"
}

target_down() {
	target_stop
	remove_disk slow
	must unload_raid1
}

target_start() {
	must mdadm --quiet --assemble /dev/md0 /dev/fast /dev/slow
}

target_stop() {
	wait_for 120 'mdadm --quiet --stop /dev/md0 2>/dev/null' || die "cannot stop md0"
}

# md_create [OPTION]...: the array.
md_create() {
	local options=(--bitmap=none)
	[[ $bitmap == none ]] || options=(--bitmap="$bitmap" --bitmap-chunk="${chunk_kib}K" --write-behind="$write_behind"
		--delay="$daemon_s")
	# shellcheck disable=SC2046 # a word or none
	must mdadm --quiet --create /dev/md0 --run --level=1 --raid-devices=2 "${options[@]}" "$@" \
		/dev/fast $(md_write_mostly) /dev/slow
	device=/dev/md0
}

# md_write_mostly: mdadm's flag for the slow leg.
md_write_mostly() {
	[[ $twins ]] || echo --write-mostly
}

# target_recover: the slow leg is replaced by an empty one; copying begins.
target_recover() {
	must mdadm --quiet /dev/md0 --fail /dev/slow
	wait_for 60 'mdadm --quiet /dev/md0 --remove /dev/slow 2>/dev/null' || die "cannot remove the slow leg"
	must mdadm --quiet --zero-superblock /dev/slow
	sync_at_full_speed
	md_recoveries=$(dmesg | grep -c "$md_recovered")
	# Not --add --write-mostly: mdadm 4.2 may write a superblock that says faulty.
	echo frozen >/sys/block/md0/md/sync_action
	must mdadm --quiet /dev/md0 --add /dev/slow
	[[ $twins ]] || echo writemostly >"/sys/block/md0/md/dev-$(name_in_md slow)/state" || die "the slow leg cannot be write-mostly"
	echo idle >/sys/block/md0/md/sync_action
	wait_for 10 target_recovering || die "the slow leg is not being recovered"
}

# name_in_md DISK: of /dev/DISK, which may be device-mapper's.
name_in_md() {
	basename "$(realpath "$(in_sysfs "/dev/$1")")"
}

target_recovering() {
	[[ $(</sys/block/md0/md/sync_action) == recover ]]
}

# target_await_recovery: sleeps until it is over. (mdadm --wait looks every five seconds only.)
target_await_recovery() {
	grep -m $((md_recoveries + 1)) "$md_recovered" /dev/kmsg >/run/recoveries
	wait_for 10 '[[ $(</sys/block/md0/md/degraded) == 0 ]]' || die "the slow leg was not recovered"
}

# target_lose_fast: only the slow leg is left.
target_lose_fast() {
	must mdadm --quiet /dev/md0 --fail /dev/fast
	wait_for 60 'mdadm --quiet /dev/md0 --remove /dev/fast 2>/dev/null' || die "cannot remove the fast leg"
}
