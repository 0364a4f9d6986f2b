# shellcheck shell=bash
# For the workloads of the crash laboratory, after lib.sh and array.sh: members that are recorded, marks in the recording,
# commands to the recorder. LAB_MEMBERS is how many members there are.

members=()
for ((i = 0; i < LAB_MEMBERS; i++)); do
	members+=("/dev/disk/lab/member$i")
done
mark_disk=/dev/disk/lab/mark

# name_disks: there is no udev here.
name_disks() {
	local disk serial
	mkdir -p /dev/disk/lab
	for disk in /sys/block/vd*; do
		serial=$(<"$disk/serial")
		[[ $serial != disk"$LAB_MEMBERS" ]] || serial=mark
		ln -s "/dev/${disk##*/}" "/dev/disk/lab/${serial/disk/member}"
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

# labwriter [OPTION]...: write to the array. The numbers of writes go on from run to run.
labwriter() {
	/tools/labwriter /dev/md0 "$mark_disk" --seed "$LAB_SEED" --counter /run/labwriter.next "$@"
}

must name_disks
load_raid1
fast_sync
