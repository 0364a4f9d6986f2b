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
	must modprobe brd rd_nr=1 rd_size=65536
	must mkdir -p /var/tmp /suite
	must mount -t tmpfs -o size=1G tmpfs /var/tmp
	for ((i = 0; i < 14; i++)); do
		truncate -s $((i < 8 ? 20000 : 65536))K "/var/tmp/mdtest$i"
	done
	must tar -xf /mdadm-tests.tar -C /suite
	must cd /suite
	must ln -s /sbin/mdadm mdadm
	must ln -s /bin/true /bin/udevadm
	scribble /dev/ram0 64
	echo 'get_rootdev() { echo /dev/ram0; }' >>tests/env-ddf-template
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
