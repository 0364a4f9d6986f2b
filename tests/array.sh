# shellcheck shell=bash
# For tests of /dev/md0: its attributes, its legs' contents, legs that hold up writes or lose them, writes under watch.
# Sourced after lib.sh. Blocks are 4 KiB, counted from the begin of the array.

# ours: is it our module that is tested?
ours() {
	[[ $MODE != kernel ]]
}

# no COMMAND...: does it fail?
no() {
	! "$@"
}

# md ATTRIBUTE [VALUE]: show or set an attribute of the array.
md() {
	if (($# > 1)); then
		echo "$2" >"/sys/block/md0/md/$1"
	else
		echo "$(<"/sys/block/md0/md/$1")"
	fi
}

# fast_sync: resync and recovery at full speed, whatever else goes on.
fast_sync() {
	echo 10000000 >/proc/sys/dev/raid/speed_limit_max
	echo 10000000 >/proc/sys/dev/raid/speed_limit_min
}

# create LEVEL1-OPTION...: /dev/md0
create() {
	mdadm --quiet --create /dev/md0 --run --level=1 "$@"
}

assemble() {
	mdadm --quiet --assemble /dev/md0 "$@"
}

# stop: the array, once whoever just closed it has let go.
stop() {
	wait_for 30 'mdadm --quiet --stop /dev/md0 2>/dev/null'
}

# in_sync: are all members there and equal, as far as md knows?
in_sync() {
	[[ $(md degraded) == 0 && $(md resync_start) == none && $(md sync_action) == idle ]]
}

become_in_sync() {
	wait_for "${1:-60}" in_sync
}

# scrub ACTION: runs a check or repair to its end; prints how many sectors differed.
scrub() {
	local ends="md: md0: $1 done" before
	before=$(dmesg | grep -c "$ends")
	wait_for 30 "md sync_action $1 2>/dev/null" || return
	wait_for 120 "[[ \$(dmesg | grep -c '$ends') -gt $before && \$(md sync_action) == idle ]]" || return
	md mismatch_cnt
}

# nothing_differs: does a check find the legs equal?
nothing_differs() {
	[[ $(scrub check) == 0 ]]
}

# clean_bits MEMBER: does its bitmap on disk come to have no bit set?
clean_bits() {
	wait_for "${2:-60}" "[[ \$(dirty_bits $1) == 0 ]]"
}

# asleep MEMBER: does its copy of the bitmap sleep? All its bits are set then.
asleep() {
	mdadm --examine-bitmap "$1" | awk '/ Events : 9223372036854775807$/ { marked = 1 }
		/ Bitmap : / { full = $3 == $6 }
		END { exit !(marked && full) }'
}

# array_sectors MEMBER
array_sectors() {
	echo $(($(mdadm --examine "$1" | sed -n 's/ *Array Size : \([0-9]*\) .*/\1/p') * 2))
}

# legs_equal MEMBER MEMBER...: is the array's data the same on all of them?
legs_equal() {
	local member sectors
	sectors=$(array_sectors "$1")
	((sectors > 0)) || return
	for member in "${@:2}"; do
		same_data "$1" "$member" "$sectors" "$(data_offset "$1")" "$(data_offset "$member")" || {
			echo "$1 and $member differ"
			return 1
		}
	done
}

# block TEXT: 4 KiB of it.
block() {
	head -c 4096 < <(yes "$1")
}

# put TEXT BLOCK [DEVICE]: write a block full of TEXT.
put() {
	block "$1" | dd of="${3:-/dev/md0}" bs=4k seek="$2" iflag=fullblock oflag=direct conv=notrunc status=none
}

# has TEXT BLOCK [DEVICE [OFFSET]]: is that block of DEVICE, whose data begins at sector OFFSET, full of TEXT?
has() {
	local device=${3:-/dev/md0}
	block "$1" >/dev/shm/block
	blockdev --flushbufs "$device" && cmp -s -n 4096 -i "0:$(((${4:-0} + $2 * 8) * 512))" /dev/shm/block "$device"
}

# scribble DEVICE [MIB [FROM]]: write noise over that many MiB.
scribble() {
	local i
	[[ -e /dev/shm/noise ]] || head -c 1M /dev/urandom >/dev/shm/noise
	for ((i = 0; i < ${2:-1}; i++)); do
		echo /dev/shm/noise
	done | xargs cat | dd of="$1" bs=1M seek="${3:-0}" iflag=fullblock oflag=direct conv=notrunc status=none
}

# zero DEVICE FROM SECTORS: is it all zero there?
zero() {
	blockdev --flushbufs "$1" && cmp -s -n $(($3 * 512)) -i $(($2 * 512)):0 "$1" /dev/zero
}

# background COMMAND...: runs it in the background; $job is its name.
background() {
	jobs=$((${jobs:-0} + 1))
	job=/run/job.$BASHPID.$jobs
	{
		"$@"
		echo $? >"$job.new"
		mv "$job.new" "$job"
	} >"$job.output" 2>&1 &
}

# ends SECONDS JOB: does it end well within that time? Prints what it printed. 124 if not within that time.
ends() {
	wait_for "$1" "[[ -e $2 ]]" || {
		echo "still running"
		return 124
	}
	cat "$2.output"
	return "$(<"$2")"
}

# running JOB: is it?
running() {
	[[ ! -e $1 ]]
}

# acked COMMAND...: does it end well within 20 seconds? (Not timeout(1): that waits for I/O that hangs.)
acked() {
	background "$@"
	ends 20 "$job"
}

# slow_leg NAME MIB: /dev/mapper/NAME, which holds up every write beyond its first MiB until let_through, and loses all
# that reaches it between lose and mend. Its medium is the null_blk /dev/NAME-disk.
slow_leg() {
	cut_leg "$1-base" "$2" "$1-disk"
	slow_disk "$1" "/dev/mapper/$1-base" 100000000 2048
}

# cut_leg NAME MIB [DISK]: /dev/mapper/NAME that loses all that is written between lose and mend.
cut_leg() {
	local disk=${3:-$1-disk}
	null_disk "$disk" "$2" 0
	dmsetup create "$1" --table "0 $(($2 * 2048)) linear /dev/$disk 0" || die "set-up: $1"
}

# let_through NAME: the writes that it holds up.
let_through() {
	dmsetup suspend --nolockfs "$1" && dmsetup resume "$1"
}

# reload NAME TABLE: give a device mapping another table.
reload() {
	dmsetup suspend --nolockfs --noflush "$1" && dmsetup load "$1" <<<"$2" && dmsetup resume "$1"
}

# lose NAME DISK: from now on what is written is lost.
lose() {
	modprobe dm-flakey && reload "$1" "0 $(blockdev --getsz "/dev/$2") flakey /dev/$2 0 0 100000 1 drop_writes"
}

mend() {
	reload "$1" "0 $(blockdev --getsz "/dev/$2") linear /dev/$2 0"
}

# held_up NAME: how many writes?
held_up() {
	dmsetup status "$1" | awk '$3 == "delay" { print $5 }'
}

# open_leg NAME: let all writes through from now on.
open_leg() {
	reload "$1" "0 $(blockdev --getsz "/dev/mapper/$1") linear /dev/mapper/$1-base 0"
}

# close_leg NAME: hold them up again.
close_leg() {
	reload "$1" "$(delay_table "/dev/mapper/$1-base" 100000000 2048)"
}

# open_legs: so that nothing hangs when the script ends, whatever became of it.
open_legs() {
	local status=$? name
	for name in $(dmsetup table --target delay 2>/dev/null | sed -n 's/: .*//p' | sort -u); do
		open_leg "$name"
	done
	(exit "$status")
}
trap 'open_legs; finish' EXIT

# fio_verify OPTION...: random writes of all sizes, then a look whether all is there.
fio_verify() {
	fio --name=verify --filename=/dev/md0 --ioengine=libaio --iodepth=16 --direct=1 --rw=randwrite --bsrange=512-256k \
		--bs_unaligned=0 --verify=crc32c --verify_fatal=1 --verify_state_save=0 "$@"
}

# in_state MEMBER WORD: does md say that of it?
in_state() {
	[[ ,$(md "dev-${1#/dev/}/state"), == *",$2,"* ]]
}

# look: somebody reads the attributes of all members until stop_writing.
look() {
	while [[ ! -e /run/seen ]]; do
		cat /sys/block/md0/md/write_behind/lag_ms /sys/block/md0/md/write_behind/slot*/* || continue
	done >/dev/null 2>&1
}

# directory NAME MEMBER: is it that one's?
directory() {
	wait_for 10 "[[ \$(md write_behind/$1/device 2>/dev/null) == ${2#/dev/} ]]"
}

# no_directory NAME
no_directory() {
	wait_for 10 "[[ ! -e /sys/block/md0/md/write_behind/$1 ]]"
}

# start_writing: fio writes to /dev/md0 and checks what it wrote until stop_writing; attributes of members are read meanwhile.
start_writing() {
	rm -f /run/stop /run/seen
	background fio --name=w --filename=/dev/md0 --ioengine=libaio --direct=1 --rw=randrw --bsrange=512-64k --size=8m \
		--iodepth=8 --verify=crc32c --verify_fatal=1 --verify_state_save=0 --time_based --runtime=1000 \
		--trigger-file=/run/stop --output=/run/fio --rate_iops=300
	writer=$job
	! ours || background look
	reader=$job
	goes_on || die "fio does not write"
}

stop_writing() {
	touch /run/stop /run/seen	# fio removes its own
	ends 30 "$reader" || {
		echo "who reads attributes"
		return 1
	}
	ends 30 "$writer" || {
		cat /run/fio
		return 1
	}
}

# goes_on: do writes come through?
goes_on() {
	local before
	before=$(statistic /dev/md0 5)
	wait_for 20 "[[ \$(statistic /dev/md0 5) -gt $((before + 20)) ]]"
}

# hand_over NAME TO: from the module that is loaded to that of the mode TO. Not for check, in whose subshell MODE would be lost.
hand_over() {
	check "$1: the module unloads" unload_raid1 || die "nothing to go on from"
	# md asks for any module of level 1
	[[ ! -d /sys/module/raid1 ]] || must rmmod raid1
	MODE=$2
	load_raid1
}
