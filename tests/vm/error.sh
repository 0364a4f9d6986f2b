#!/bin/bash
# vm: --icount
# I/O errors of members: who fails, who is kept, what the caller sees.
. /tests/lib.sh
. /tests/array.sh

# bad NAME BLOCK BLOCKS: from now on that part of the disk's data can neither be read nor written; good: it can.
bad() {
	set_bad + "$@"
}

good() {
	set_bad - "$@"
}

set_bad() {
	local from=$((2048 + $3 * 8))
	echo "$1$from-$((from + $4 * 8 - 1))" >"/sys/kernel/config/nullb/$2/badblocks"
}

# without_badblocks MEMBER...: assemble the array without lists of bad blocks, with which the kernel's raid1 keeps members
# that cannot write.
without_badblocks() {
	must stop
	must assemble --update=no-bbl "$@"
}

mirror() {
	must create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=1 --data-offset=1M \
		--write-behind=100 /dev/a --write-mostly /dev/b
	without_badblocks /dev/a /dev/b
	must put old 100
	must clean_bits /dev/a
}

unmirror() {
	must stop
	remove_null_disk a
	remove_null_disk b
}

two_disks() {
	null_disk a 24 0
	null_disk b 24 1000
}

fio_writes() {
	fio --name=w --filename=/dev/md0 --ioengine=libaio --direct=1 --rw=randwrite --bs=4k --offset=8m --size=4m --iodepth=8 \
		--verify=crc32c --verify_fatal=1 --verify_state_save=0
}

load_raid1
fast_sync

# Writes that fail.
two_disks
mirror
bad b 100 10
check "write error on the slow member: the write succeeds" acked put new 105
check "write error on the slow member: it fails" wait_for 20 'in_state b faulty'
check "write error on the slow member: the fast one does not" no in_state a faulty
check "write error on the slow member: writes go on" acked fio_writes
check "write error on the slow member: it is read back" has new 105
good b 100 10
check "write error on the slow member: remove it" mdadm --quiet /dev/md0 --remove /dev/b
check "write error on the slow member: add it" mdadm --quiet /dev/md0 --re-add /dev/b
check "write error on the slow member: recovery" become_in_sync
check "write error on the slow member: bits go" clean_bits /dev/a
check "write error on the slow member: legs are equal" legs_equal /dev/a /dev/b
bad a 100 10
check "write error on the fast member: the write succeeds" acked put newer 105
check "write error on the fast member: it fails" wait_for 20 'in_state a faulty'
check "write error on the fast member: the slow one does not" no in_state b faulty
check "write error on the fast member: writes go on" acked fio_writes
check "write error on the fast member: it is read back" has newer 105
good a 100 10
check "write error on the fast member: remove it" mdadm --quiet /dev/md0 --remove /dev/a
check "write error on the fast member: add it" mdadm --quiet /dev/md0 --re-add /dev/a
check "write error on the fast member: recovery" become_in_sync
check "write error on the fast member: bits go" clean_bits /dev/a
check "write error on the fast member: legs are equal" legs_equal /dev/a /dev/b
unmirror

# Reads that fail.
two_disks
mirror
bad a 100 1
check "read error on the fast member: it is read from the other" has old 100
check "read error on the fast member: large reads, too" acked dd if=/dev/md0 of=/dev/null bs=1M count=4 iflag=direct status=none
check "read error on the fast member: the slow one is there" in_state b in_sync
bad b 100 1
check "read error on both: the caller gets it" no acked dd if=/dev/md0 of=/dev/null bs=4k skip=100 count=1 iflag=direct status=none
check "read error on both: elsewhere reads work" acked dd if=/dev/md0 of=/dev/null bs=4k skip=200 count=1 iflag=direct status=none
check "read error on both: one of them is kept" [ "$(md degraded)" -le 1 ]
good a 100 1
good b 100 1
unmirror

# until_written NAME BLOCK BLOCKS: /dev/mapper/NAME, which cannot read that part of its data before it has been written.
until_written() {
	local bad=$((2048 + $2 * 8)) end size
	end=$((bad + $3 * 8))
	null_disk "$1-disk" 24 0
	null_disk "$1-new" 24 0
	size=$(blockdev --getsz "/dev/$1-disk")
	must modprobe dm-snapshot
	dmsetup create "$1-old" <<-END || die "set-up: $1-old"
		0 $bad linear /dev/$1-disk 0
		$bad $((end - bad)) error
		$end $((size - end)) linear /dev/$1-disk $end
	END
	dmsetup create "$1" --table "0 $size snapshot /dev/mapper/$1-old /dev/$1-new N 8" || die "set-up: $1"
}

remove_until_written() {
	dmsetup remove "$1"
	dmsetup remove "$1-old"
	remove_null_disk "$1-disk"
	remove_null_disk "$1-new"
}

# listed MEMBER BLOCK BLOCKS: are these, and no others, recorded as bad? md may list them in parts.
listed() {
	local from=$((2048 + $2 * 8))
	cmp -s <(seq "$from" $((from + $3 * 8 - 1))) \
		<(md "dev-$1/bad_blocks" | awk '{ for (i = 0; i < $2; i++) print $1 + i }' | sort -n)
}

none_listed() {
	[[ -z $(md "dev-$1/bad_blocks") ]]
}

lists_mirror() {
	must create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=1 --data-offset=1M \
		--write-behind=100 "$1" --write-mostly /dev/b
}

# Reads that fail, and are repaired.
until_written a 100 10
a=$(basename "$(readlink "/sys/dev/block/$(stat -c %Hr:%Lr /dev/mapper/a)")")
null_disk b 24 1000
for block in 100 101 102 103; do
	must put "old $block" $((256 + block)) /dev/b
done
lists_mirror /dev/mapper/a
check "repair: it cannot be read" no acked dd if=/dev/mapper/a of=/dev/null bs=4k skip=356 count=1 iflag=direct status=none
check "repair: it is read from the other" has "old 100" 100
check "repair: it is counted" wait_for 20 "[[ \$(md dev-$a/errors) == 8 ]]"
check "repair: it can be read now" has "old 100" 100 /dev/mapper/a 2048
check "repair: it is in sync" in_state "$a" in_sync
check "repair: nothing is recorded as bad" none_listed "$a"
md max_read_errors 2
check "repair: a second error" has "old 101" 101
check "repair: it is counted" wait_for 20 "[[ \$(md dev-$a/errors) == 16 ]]"
check "repair: it is in sync" in_state "$a" in_sync
check "repair: one too many" has "old 102" 102
check "repair: it fails" wait_for 20 "in_state $a faulty"
check "repair: reads go on" has "old 103" 103
must stop
remove_until_written a
remove_null_disk b

# Lists of bad blocks.
two_disks
lists_mirror /dev/a
must put old 100
must put old 105
must clean_bits /dev/a
bad a 100 1
check "bad block: it is read from the other" has old 100
check "bad block: it is recorded" wait_for 20 'listed a 100 1'
check "bad block: the member stays" in_state a in_sync
check "bad block: a write error was seen" in_state a write_error
check "bad block: writes leave it out" acked put new 100
check "bad block: it is read from the other" has new 100
bad b 105 1
check "bad block of the slow member: the write succeeds" acked put new 105
check "bad block of the slow member: it is recorded" wait_for 20 'listed b 105 1'
check "bad block of the slow member: the member stays" in_state b in_sync
check "bad block of the slow member: bits go" clean_bits /dev/a
check "bad block: writes go on" acked fio_writes
check "bad block: stop" stop
check "bad block: assemble" assemble /dev/a /dev/b
check "bad block: it is still known" listed a 100 1
check "bad block of the slow member: it is still known" listed b 105 1
check "bad block: the data is there" has new 100
check "bad block of the slow member: the data is there" has new 105
good a 100 1
good b 105 1
check "bad block: what can be written heals" acked put newer 100
check "bad block of the slow member: what can be written heals" acked put newer 105
check "bad block: it is forgotten" wait_for 20 'none_listed a && none_listed b'
check "bad block: legs are equal" wait_for 20 'legs_equal /dev/a /dev/b'
unmirror

# Recovery to a member that cannot write some of it.
two_disks
lists_mirror /dev/a
must mdadm --quiet /dev/md0 --fail /dev/b
wait_for 20 'in_state b faulty' || die "set-up: b is not faulty"
must mdadm --quiet /dev/md0 --remove /dev/b
must put missed 100
must put missed 101
bad b 100 1
check "recovery meets a bad block: add it" mdadm --quiet /dev/md0 --re-add /dev/b
check "recovery meets a bad block: the member is in sync" become_in_sync
check "recovery meets a bad block: it is recorded" listed b 100 1
check "recovery meets a bad block: a write error was seen" in_state b write_error
check "recovery meets a bad block: the rest is there" has missed 101 /dev/b 2048
check "recovery meets a bad block: bits go" clean_bits /dev/a
check "repair leaves it out" scrub repair
check "repair leaves it out: the member is in sync" in_state b in_sync
check "repair leaves it out: it is still known" listed b 100 1
check "repair leaves it out: it can be read" has missed 100
check "another one fails: the block is nowhere" mdadm --quiet /dev/md0 --fail /dev/a
check "another one fails: its neighbours are read" has missed 101
check "another one fails: it is an error" no acked dd if=/dev/md0 of=/dev/null bs=4k skip=100 count=1 iflag=direct status=none
unmirror

# The last member is kept, and its errors are the caller's: md lets nobody write any more.
two_disks
mirror
check "last: fail the slow member" mdadm --quiet /dev/md0 --fail /dev/b
check "last: it is faulty" in_state b faulty
check "last: writes go on" acked put last 7
bad a 100 10
check "last: a read error is the caller's" no acked dd if=/dev/md0 of=/dev/null bs=4k skip=105 count=1 iflag=direct status=none
check "last: the member is kept" in_state a in_sync
check "last: writes go on" acked put later 8
check "last: a write error is the caller's" no acked put lost 105
check "last: the member is kept" no in_state a faulty
check "last: it is in sync" in_state a in_sync
check "last: reads go on" has later 8
check "last: stop" stop
good a 100 10
check "last: assemble" assemble --run /dev/a
check "last: the data is there" has last 7
check "last: writes go on" acked put latest 9
check "last: the other comes back" mdadm --quiet /dev/md0 --re-add /dev/b
check "last: recovery" become_in_sync
check "last: legs are equal" legs_equal /dev/a /dev/b
must mdadm --quiet /dev/md0 --fail /dev/b
check "last: nor can it be failed by hand" no mdadm --quiet /dev/md0 --fail /dev/a
check "last: it is in sync" in_state a in_sync
check "last: reads go on" has latest 9
unmirror

two_disks
mirror
md fail_last_dev 1
must mdadm --quiet /dev/md0 --fail /dev/b
mdadm --quiet /dev/md0 --fail /dev/a 2>/dev/null
check "fail_last_dev: by hand, it is faulty" in_state a faulty
check "fail_last_dev: no write" no acked put lost 5
check "fail_last_dev: no read" no acked dd if=/dev/md0 of=/dev/null bs=4k count=1 iflag=direct status=none
check "fail_last_dev: all are missing" [ "$(md degraded)" = 2 ]
unmirror
two_disks
mirror
md fail_last_dev 1
must mdadm --quiet /dev/md0 --fail /dev/b
bad a 100 10
check "fail_last_dev: a write error is the caller's" no acked put lost 105
check "fail_last_dev: and the member's end" wait_for 20 'in_state a faulty'
unmirror

# Devices that vanish.
two_disks
mirror
background fio_writes
writer=$job
wait_for 20 '[[ $(statistic /dev/md0 5) -gt 20 ]]'
echo 0 >/sys/kernel/config/nullb/a/power
check "the fast member vanishes: nobody notices" ends 60 "$writer"
check "the fast member vanishes: writes go on" acked put still 800
check "the fast member vanishes: it has failed" wait_for 20 '[[ $(md degraded) == 1 ]]'
check "the fast member vanishes: it is read back" has still 800
check "the fast member vanishes: stop" stop
check "the fast member vanishes: run the other" assemble --run /dev/b
check "the fast member vanishes: the data is there" has still 800
check "the fast member vanishes: stop" stop
check "the module unloads" unload_raid1
