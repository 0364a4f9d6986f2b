#!/bin/bash
# vm: --icount
# A program writes through mmap() into pages that are on their way to the members just then. If the file is gone before they are
# written again, members that took them at different times differ for good: so nobody may change such a page, but where members
# get what a copy of it says.
. /tests/lib.sh
. /tests/array.sh

# scribbled: files that are written through mmap(), again and again while they are being written back, and deleted.
scribbled() {
	local i j writer
	mount -t ext4 /dev/md0 /mnt || return
	for i in 1 2 3; do
		dd if=/dev/zero of=/mnt/file bs=512K count=1 status=none
		fio --name=w --filename=/mnt/file --size=512k --ioengine=mmap --rw=randwrite --bs=4k --norandommap --time_based \
			--runtime=1000 --thinktime=20 --refill_buffers --thread --output=/run/fio &
		writer=$!
		# it has begun when there is something to be written
		wait_for 20 '[[ $(awk "/^Dirty:/ { print \$2 }" /proc/meminfo) -gt 300 ]]' || return
		for ((j = 0; j < 5; j++)); do
			sync /mnt/file
			sleep 0.05
		done
		kill -9 "$writer"
		wait "$writer" 2>/dev/null
		rm /mnt/file
	done
	umount /mnt
}

stable() {
	echo "$(</sys/block/md0/queue/stable_writes)"
}

load_raid1
fast_sync
null_disk a 32 0
null_disk b-disk 32 0
slow_disk b /dev/b-disk 10
must create --raid-devices=2 --assume-clean --bitmap=internal --metadata=1.2 --data-offset=1M /dev/a /dev/mapper/b
must mkfs.ext4 -q -E nodiscard /dev/md0

if ours; then
	check "pages are stable" [ "$(stable)" = 1 ]
	check "they are written and deleted" scribbled
	check "members are equal" nothing_differs
fi
echo 0 >/sys/block/md0/queue/stable_writes
check "no stable pages" [ "$(stable)" = 0 ]
check "they are written and deleted" scribbled
check "members differ" eval '(($(scrub check) > 0))'
check "repair" eval 'scrub repair >/dev/null && nothing_differs'

ours || exit 0
check "a member is behind" eval 'mdadm --quiet --grow /dev/md0 --bitmap=none &&
	mdadm --quiet --grow /dev/md0 --bitmap=internal --write-behind=4096 && md dev-dm-0/state writemostly'
check "they are written and deleted" scribbled
check "members are equal" nothing_differs
check "stop" stop
check "assemble" assemble /dev/a /dev/mapper/b
check "pages are stable again" [ "$(stable)" = 1 ]
check "stop" stop
