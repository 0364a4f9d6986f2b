# shellcheck shell=bash
# For the workloads of the crash laboratory, after lib.sh and array.sh: members that are recorded, marks in the recording,
# commands to the recorder. LAB_MEMBERS is how many members there are, LAB_BOOT which boot of the machine this is.

members=()
for ((i = 0; i < LAB_MEMBERS; i++)); do
	members+=("/dev/disk/lab/member$i")
done
mark_disk=/dev/disk/lab/mark

# name_disks: there is no udev here. The disk for marks is the last of virtio's, or the only one.
name_disks() {
	local disks=(/sys/block/vd*) names=("${members[@]}" "$mark_disk") i
	if [[ ${#disks[@]} == 1 ]]; then
		modprobe -a virtio_scsi sd_mod
		wait_for 20 "[[ \$(compgen -G '/sys/block/sd*' | wc -l) == $LAB_MEMBERS ]]" || return
		disks=(/sys/block/sd* "${disks[@]}")
	fi
	[[ ${#disks[@]} == "${#names[@]}" ]] || return
	mkdir -p /dev/disk/lab
	for i in "${!names[@]}"; do
		ln -s "/dev/${disks[i]##*/}" "${names[i]}"
	done
}

# mark TEXT: leave it in the recording; in its order when this returns.
mark() {
	printf '%s' "$*" | dd of="$mark_disk" bs=512 conv=sync,notrunc oflag=direct status=none || die "mark: $*"
}

# phase TEXT: what is going on, for whoever reads the recording.
phase() {
	echo "# $*"
	mark "phase $*"
}

# member N COMMAND: have it hang, fail, take longer; see lab-control --help.
member() {
	mark "control member$1 ${*:2}"
}

# hang N [WHICH] [FROM+COUNT]: requests to a member, until resume. QEMU 7.2's NBD client keeps a reply to itself while an
# older request hangs, until something else comes along: reads do.
hang() {
	member "$1" "hang ${*:2}"
	fio --name=nudge --filename="${members[$1]}" --rw=read --readonly --bs=512 --size=512 --direct=1 --time_based \
		--runtime=1000 --thinktime=10ms >/dev/null 2>&1 &
	nudge=$!
}

# resume N: what hangs.
resume() {
	member "$1" resume
	kill "$nudge"
	wait "$nudge"
}

# create_behind SIZE [OPTION]...: a mirror with write-behind to member 1, clean from the start, that clears bits soon.
create_behind() {
	must create --raid-devices=2 --assume-clean --size="$1" --bitmap=internal --bitmap-chunk=64K --delay=1 \
		--write-behind=256 "${@:2}" "${members[0]}" --write-mostly "${members[1]}"
	phase array created
}

# labwriter [OPTION]...: write to the array, gently. The numbers of writes go on from run to run and from boot to boot.
labwriter() {
	[[ -e /run/labwriter.next ]] || echo $((LAB_BOOT * 1000000000000)) >/run/labwriter.next
	/tools/labwriter /dev/md0 "$mark_disk" --seed "$((LAB_SEED * 100 + LAB_BOOT))" --counter /run/labwriter.next \
		--pause 10000 --window 2048 "$@"
}

# writing NAME [OPTION]...: labwriter in the background, until stop_writing reports case NAME: were all writes good?
writing() {
	writing=$1
	rm -f /run/labwriter.stop
	background labwriter --until /run/labwriter.stop "${@:2}"
	# shellcheck disable=SC2154 # set by background
	writer=$job
}

stop_writing() {
	touch /run/labwriter.stop
	check "$writing" ends 120 "$writer"
}

# all_clear: no bit is set on the fast member, and no write is on its way.
all_clear() {
	clean_bits "${members[0]}"
}

# power_off: the machine, in the middle of things.
power_off() {
	echo "power off"
	sleep 1000
}

must name_disks
load_raid1
fast_sync
