#!/bin/bash
# vm: --mem 2G --timeout 7200 --icount
# run.sh TEST...: tests of mdadm's own, up to the first that fails: what it leaves behind is nothing to go on from. Needs
# /mdadm-tests.tar, see scripts/check-mdadm.
. /tests/lib.sh
. /tests/array.sh

# What they want of a machine: loop devices, a disk with the root on it, udev, room.
set_up() {
	local i
	must modprobe loop max_loop=16
	must modprobe brd rd_nr=2 rd_size=1048576
	must mkdir -p /var/tmp /suite /dev/block
	# not in tmpfs, where a bitmap in a file cannot be
	must mke2fs -q -t ext4 -O ^has_journal /dev/ram1
	must mount /dev/ram1 /var/tmp
	for ((i = 0; i < 14; i++)); do
		truncate -s $((i < 8 ? 20000 : 65536))K "/var/tmp/mdtest$i"
		ln -s "/dev/loop$i" "/dev/block/7:$i"
	done
	must tar -xf /mdadm-tests.tar -C /suite
	must cd /suite
	must ln -s /sbin/mdadm mdadm
	must install /tests/mdadm/udevadm /bin/
	# 6.12 has no level linear any more, and mdadm makes no RAID0 with metadata 0.90
	must sed -i -E '/^[	 ]*for /s/ linear(\/4)?\b//' tests/00names tests/00readonly tests/03assem-incr tests/04update-metadata
	must sed -i -E '/^[	 ]*for /s/ raid0(\/4)?\b//' tests/00readonly tests/04update-metadata
	# It wants a number after --write-behind. -r takes what comes next for its value and removes nobody: --remove does.
	must sed -i 's/--write-behind /--write-behind=256 /' tests/06wrmostly
	must sed -i -E 's/(mdadm \$md[0-9]+ )-r /\1--remove /; s/mdadm -ro /mdadm --readonly /' tests/[0-9]*
	# A RAID1 has no chunk size.
	must sed -i 's/ -c 64 / $([ $l = raid1 ] || echo -c 64) /' tests/04update-metadata
	must sed -i '/testdev/s/\$vol0_chunk$/${vol0_chunk:-64}/' tests/imsm-grow-template
	# So much room is there only where the superblock is behind the data.
	must sed -i 's/ -z 19968$/ -e 1.0&/' tests/07changelevels
	scribble /dev/ram0 64
	echo 'get_rootdev() { echo /dev/ram0; }' >>tests/env-ddf-template
	# Without udev, mdadm looks no further than at the name that is taken, and takes another.
	must sed -i '/^if mdadm -CR r5 -l1/,/^fi/d' tests/10ddf-create
}

# failed TEST: with what it said last.
failed() {
	not_ok "$1"
	{
		# up to where it looks for what to save
		sed '/^++* save_log fail/,$d' "/var/tmp/$1.log" /var/tmp/log | tail -n 40
		grep -h . "/var/tmp/fail$1.log" | tail -n 20
	} 2>/dev/null | sed 's/^/# /'
	exit 1
}

set_up
load_raid1
running=$1
# A line `.../TEST... succeeded` for each; its begin comes when the test begins.
while IFS= read -r -t 900 line; do
	[[ $line != */suite/tests/*...* ]] || running=$(basename "${line%%...*}")
	case $line in
	*"... succeeded") ok "$running" ;;
	*"... "*) failed "$running" ;;
	esac
done < <(./test --tests="$(tr ' ' , <<<"$*")" 2>&1)
[[ ! $line ]] || failed "$(basename "${line%%...*}")"
