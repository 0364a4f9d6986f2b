# shellcheck shell=bash
# For scripts that run in the machine of scripts/vm: `. /tests/lib.sh`.
#
# Cases are reported by ok, not_ok and check; the script's exit status says whether there were any and all were good.
# MODE=kernel in the environment runs the test against the kernel's raid1 instead of ours.

set -uo pipefail
MODE=${MODE:-raid1wb}
cases=0
failures=0

ok() {
	cases=$((cases + 1))
	echo "ok $*"
}

not_ok() {
	cases=$((cases + 1))
	failures=$((failures + 1))
	echo "not ok $*"
}

# check NAME COMMAND...: a case that is good if COMMAND is; its output is shown if it is not.
check() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1); then
		ok "$name"
	else
		not_ok "$name"
		[[ ! $output ]] || echo "# ${output//$'\n'/$'\n# '}"
		return 1
	fi
}

# die TEXT: the test cannot go on.
die() {
	not_ok "$*"
	exit 1
}

# shellcheck disable=SC2317 # called by the trap
finish() {
	local status=$?
	[[ $cases != 0 ]] || echo "not ok no case was run"
	[[ $status == 0 && $cases != 0 && $failures == 0 ]] || exit 1
}
trap finish EXIT

# must COMMAND...: set-up that is not a case; die if it fails.
must() {
	"$@" || die "set-up: $*"
}

# now: milliseconds since boot.
now() {
	local uptime
	read -r uptime _ </proc/uptime
	echo $((10#${uptime/./} * 10))
}

# wait_for SECONDS CONDITION: wait until the shell CONDITION is true, at most so long, or PATIENCE times that. Looks ever less
# often, up to once a second: where processors are emulated, looking is expensive and waiting is not.
wait_for() {
	local end=$(($(now) + $1 * ${PATIENCE:-1} * 1000)) pauses=(0.05 0.1 0.2 0.5)
	until eval "$2"; do
		(($(now) < end)) || return 1
		sleep "${pauses[0]:-1}"
		pauses=("${pauses[@]:1}")
	done
}

# load_raid1: the level 1 personality under test.
load_raid1() {
	must modprobe md-mod
	if [[ $MODE == kernel ]]; then
		must modprobe raid1
	else
		must insmod /modules/md-raid1wb.ko
	fi
}

unload_raid1() {
	if [[ $MODE == kernel ]]; then
		rmmod raid1
	else
		rmmod md-raid1wb
	fi
}

# null_disk NAME MIB LATENCY [ATTRIBUTE=VALUE]...: /dev/NAME, a null_blk that keeps its data and completes each request
# after LATENCY microseconds. Attributes are those in /sys/kernel/config/nullb; cache_size=MIB gives it a write cache.
null_disk() {
	local name=$1 item=/sys/kernel/config/nullb/$1 setting
	[[ -d /sys/kernel/config/nullb ]] || must modprobe null_blk nr_devices=0
	must mkdir "$item"
	for setting in size="$2" completion_nsec="$3"000 memory_backed=1 irqmode=2 blocksize=512 discard=1 "${@:4}"; do
		echo "${setting#*=}" >"$item/${setting%%=*}" || die "set-up: null_blk: $setting"
	done
	echo 1 >"$item/power" || die "set-up: null_blk $name"
}

# remove_null_disk NAME
remove_null_disk() {
	echo 0 >"/sys/kernel/config/nullb/$1/power"
	rmdir "/sys/kernel/config/nullb/$1"
}

# slow_disk NAME DEVICE MS [FROM]: /dev/mapper/NAME, DEVICE with writes beyond sector FROM [0] delayed by MS
# milliseconds. Reads and flushes are not delayed.
slow_disk() {
	must modprobe dm-delay
	delay_table "${@:2}" | dmsetup create "$1" || die "set-up: dm-delay $1"
}

# delay_table DEVICE MS [FROM]: its table.
delay_table() {
	local from=${3:-0} size
	size=$(blockdev --getsz "$1") || die "set-up: no $1"
	((from == 0)) || echo "0 $from linear $1 0"
	echo "$from $((size - from)) delay $1 $from 0 $1 $from $2 $1 $from 0"
}

# create_mirror FAST SLOW [OPTION]...: /dev/md0, write-behind to SLOW, clean from the start.
create_mirror() {
	must mdadm --quiet --create /dev/md0 --run --level=1 --raid-devices=2 --assume-clean --bitmap=internal \
		--bitmap-chunk=64K --write-behind=4096 "${@:3}" "$1" --write-mostly "$2"
}

# dirty_bits MEMBER: how many bits are set in its bitmap on disk.
dirty_bits() {
	mdadm --examine-bitmap "$1" | sed -n 's/.* \([0-9]*\) dirty .*/\1/p'
}

# data_offset MEMBER: the sector where its data begins.
data_offset() {
	mdadm --examine "$1" | sed -n 's/ *Data Offset : \([0-9]*\) sectors/\1/p' | grep . || echo 0
}

# same_data A B SECTORS FROM_A [FROM_B]: are SECTORS of device A and B equal? What is on disk counts, not what is cached.
same_data() {
	blockdev --flushbufs "$1" "$2" && cmp -s -n $(($3 * 512)) -i $(($4 * 512)):$((${5:-$4} * 512)) "$1" "$2"
}

# statistic DEVICE FIELD: a field of its /sys/block/.../stat, counted from 1: 3 sectors read, 7 sectors written,
# 9 requests in flight, 12 discards, 16 flushes.
statistic() {
	awk -v field="$2" '{ print $field }' "$(in_sysfs "$1")/stat"
}

# in_sysfs DEVICE: its directory there.
in_sysfs() {
	echo "/sys/dev/block/$(stat -L -c %Hr:%Lr "$1")"
}

# direct_read DEVICE FROM SECTORS
direct_read() {
	dd if="$1" bs=1M iflag=direct,skip_bytes,count_bytes skip="$(($2 * 512))" count="$(($3 * 512))" status=none
}

# idle ARRAY: is no resync, recovery, check or the like going on?
idle() {
	[[ $(<"/sys/block/$1/md/sync_action") == idle ]]
}
