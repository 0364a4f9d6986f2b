# shellcheck shell=bash disable=SC2034,SC2154
# The kernel's raid1 below device-mapper, laid out as LVM does it: each leg is cut in a small volume for metadata and one
# for data. Regions and backlog are as large as md's targets have them.

dm_status=''

target_up() {
	must modprobe raid1
	must modprobe dm-raid
	slow_disk_leg
	cut_disk fast 1
	cut_disk slow 1
	dm_clear fast
	dm_clear slow
	dm_create nosync
	wait_for 300 dm_clean || die "regions of a new mirror stay dirty"
}

target_down() {
	target_stop
	mend_disk fast
	mend_disk slow
	remove_disk slow
}

target_start() {
	dm_create
}

target_stop() {
	wait_for 120 'dmsetup remove mirror 2>/dev/null' || die "cannot remove the mirror"
}

# dm_clear LEG: it belongs to no mirror.
dm_clear() {
	must dd if=/dev/zero of="/dev/mapper/$1-meta" bs=1M count=1 oflag=direct status=none
}

# dm_leg LEG: its two devices, for the mirror's table.
dm_leg() {
	if [[ $bitmap == none ]]; then
		echo "- /dev/mapper/$1-data"
	else
		echo "/dev/mapper/$1-meta /dev/mapper/$1-data"
	fi
}

# dm_create [PARAMETER]...: the mirror.
dm_create() {
	dm_mirror "$(dm_leg fast) $(dm_leg slow)" "$@"
}

# dm_mirror LEGS [PARAMETER]...
dm_mirror() {
	local parameters=(0 "${@:2}")
	# The target believes milliseconds to be ticks, of which there are 250 a second.
	[[ $bitmap == none ]] || parameters+=(region_size $((chunk_kib * 2)) daemon_sleep $((daemon_s * 250)))
	# The target halves max_write_behind, believing it to be sectors.
	[[ $bitmap == none || $twins ]] || parameters+=(write_mostly 1 max_write_behind $((write_behind * 2)))
	must dmsetup create mirror --table \
		"0 $(blockdev --getsz /dev/mapper/slow-data) raid raid1 ${#parameters[@]} ${parameters[*]} 2 $1"
	device=/dev/mapper/mirror
}

# dm_look: its state: AA is both legs there and equal, Aa the second being copied to, DA the first missing.
dm_look() {
	dm_status=$(dmsetup status mirror) || die "no status of the mirror"
}

# dm_clean: are all regions clean, on the fast leg? (As far as they fill bytes: what follows the last one stays set.)
dm_clean() {
	local sectors bits=4352
	dm_look
	[[ $dm_status == *' AA '*' idle '* ]] || return
	[[ $bitmap != none ]] || return 0
	sectors=$(blockdev --getsz /dev/mapper/mirror)
	blockdev --flushbufs /dev/mapper/fast-meta
	cmp -s -i $bits:0 -n $((sectors / (chunk_kib * 16))) /dev/mapper/fast-meta /dev/zero
}

target_recover() {
	target_stop
	dm_clear slow
	sync_at_full_speed
	dm_create rebuild 1
	wait_for 10 target_recovering || die "the slow leg is not being recovered"
}

target_recovering() {
	dm_look
	[[ $dm_status == *' Aa '*' recover '* ]]
}

target_await_recovery() {
	local events
	while events=$(dmsetup info -c --noheadings -o events mirror) && target_recovering; do
		must dmsetup wait mirror "$events"
	done
	[[ $dm_status == *' AA '* ]] || die "the slow leg was not recovered: $dm_status"
}

target_lose_fast() {
	target_stop
	dm_mirror "- - $(dm_leg slow)"
}
