# shellcheck shell=bash
# A mirror of /dev/vda and a slow leg over /dev/vdb that dies in the middle of writing, and the same mirror afterwards.
#
# Blocks 0 to 1023 get one record each, in order, flushed before it is announced; what follows is written at random.
. /tests/array.sh

LEG_MIB=64
records=1024

# make_mirror: the slow leg is slow beyond its metadata, so that much is behind when the machine dies.
make_mirror() {
	slow_disk slow /dev/vdb 400 2048
	local legs=(/dev/vda /dev/mapper/slow)
	[[ ! ${SLOW_FIRST:-} ]] || legs=(/dev/mapper/slow /dev/vda)
	must create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --data-offset=1M "${legs[@]}"
	md dev-dm-0/state writemostly
	md bitmap/backlog 4096
	must clean_bits /dev/vda
}

# write_until_killed: announces each record that has been flushed.
write_until_killed() {
	local i
	fio --name=noise --filename=/dev/md0 --offset=4M --size=48M --rw=randwrite --bsrange=4k-64k --direct=1 \
		--ioengine=libaio --iodepth=8 --time_based --runtime=1000 --rate=,2m >/dev/null &
	for ((i = 0; i < records; i++)); do
		block "record $i" | dd of=/dev/md0 bs=4k seek="$i" iflag=fullblock oflag=direct conv=notrunc,fsync \
			status=none || die "record $i"
		echo "flushed $i"
	done
}

# records_there LAST: are all records up to that one there?
records_there() {
	local i
	for ((i = 0; i <= $1; i++)); do
		block "record $i"
	done >/dev/shm/records
	cmp -n $((($1 + 1) * 4096)) /dev/shm/records "${2:-/dev/md0}"
}

# survive LAST: the first look after the crash. Legs are plain disks now; what was on its way to the slow one is lost.
survive() {
	local before after all=$((LEG_MIB * 2048))
	check "crash: the legs differ" no legs_equal /dev/vda /dev/vdb
	check "crash: the fast leg has bits set" [ "$(dirty_bits /dev/vda)" -gt 0 ]
	before=$(statistic /dev/vdb 7)
	must assemble /dev/vda /dev/vdb
	check "crash: what was flushed is there at once" records_there "$1"
	check "crash: the legs are synced" become_in_sync 120
	after=$(statistic /dev/vdb 7)
	check "crash: not everything was copied ($(((after - before) / 2048)) of $((all / 2048)) MiB)" \
		[ $((after - before)) -lt $((all * 3 / 4)) ]
	check "crash: what was flushed is there afterwards" records_there "$1"
	check "crash: a check finds nothing" nothing_differs
	check "crash: the bits go away" clean_bits /dev/vda
	must stop
	check "crash: the legs are equal" legs_equal /dev/vda /dev/vdb
}
