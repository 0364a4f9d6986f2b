#!/bin/bash
# vm: --icount --timeout 900
# Arrays of 8 TiB and more: made, written to at their end, assembled, grown while they are written to, synced by bits.
. /tests/lib.sh
. /tests/array.sh

tib=$((1 << 40)) size_kib=$((1 << 33))

# at_end BLOCKS: the number of the block that is so many before the end of the array.
at_end() {
	echo $(($(blockdev --getsize64 /dev/md0) / 4096 - $1))
}

# writes: goes on writing over the end of what was there, until it is told to stop.
writes() {
	local i=0 end=$1
	while [[ ! -e /run/stop ]]; do
		put "$((i += 1))" $((end - 1 - i % 500)) || return
	done
}

# by_bits MEMBER: how many MiB were written to it since $noted.
by_bits() {
	echo $((($(statistic "$1" 7) - noted) / 2048))
}

load_raid1
fast_sync
null_disk a $((9 * tib >> 20)) 0
null_disk b $((10 * tib >> 20)) 0

check "create" create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=16M --delay=1 --write-behind=256 \
	--size=$size_kib /dev/a --write-mostly /dev/b
check "it has 8 TiB" [ "$(blockdev --getsize64 /dev/md0)" = $((8 * tib)) ]
check "and a bit for each 16 MiB" grep -q " Bitmap : $((8 * tib >> 24)) bits" <(mdadm -X /dev/a)
check "its bits go" clean_bits /dev/a
check "write at both ends, and in the middle" eval 'put first 0 && put middle $((1 << 30)) && put last $(at_end 1)'
check "no more bits than that" [ "$(dirty_bits /dev/a)" -le 3 ]
check "nothing beyond the end" no put beyond "$(at_end 0)"
check "the bits go" clean_bits /dev/a
check "the other copy sleeps" eval '! ours || asleep /dev/b'
check "stop" stop
check "assemble" assemble /dev/a /dev/b
check "no resync" in_sync
check "the data is there" eval 'has first 0 && has middle $((1 << 30)) && has last $(at_end 1)'

check "a member fails" mdadm --quiet /dev/md0 --fail /dev/b
check "is removed" wait_for 20 'mdadm --quiet /dev/md0 --remove /dev/b 2>/dev/null'
check "is missed by a write at the end" eval 'put missed $(at_end 1)'
noted=$(statistic /dev/b 7)
check "comes back" mdadm --quiet /dev/md0 --re-add /dev/b
check "and is synced" become_in_sync 120
check "by its bit ($(by_bits /dev/b) MiB)" [ "$(by_bits /dev/b)" -le 32 ]
check "the bits go" clean_bits /dev/a

background writes "$(at_end 0)"
writer=$job
noted=$(statistic /dev/b 7)
check "grow while it is written to" mdadm --quiet --grow /dev/md0 --size=$((size_kib + 65536))
check "it has grown" [ "$(blockdev --getsize64 /dev/md0)" = $((8 * tib + (64 << 20))) ]
check "and a bit more for each 16 MiB" grep -q " Bitmap : $(((8 * tib >> 24) + 4)) bits" <(mdadm -X /dev/a)
check "what is new is synced" become_in_sync 120
check "and not much else ($(by_bits /dev/b) MiB)" [ "$(by_bits /dev/b)" -le 160 ]
touch /run/stop
check "all writes succeeded" ends 20 "$writer"
check "write at the new end" eval 'put newest $(at_end 1)'
check "another chunk size while it is idle" eval 'mdadm --quiet --grow --bitmap=none /dev/md0 &&
	mdadm --quiet --grow --bitmap=internal --bitmap-chunk=64M --write-behind=77 /dev/md0'
check "is known to all" eval 'grep -q "65536KB chunk" /proc/mdstat && grep -q "max 77" <(mdadm -X /dev/b)'
check "the bits go" clean_bits /dev/a
check "stop" stop
end=$(((8 * tib + (64 << 20)) / 4096))
for member in /dev/a /dev/b; do
	# shellcheck disable=SC2034 # used below
	offset=$(data_offset $member)
	check "$member has the data" eval 'has first 0 $member $offset && has middle $((1 << 30)) $member $offset &&
		has newest $((end - 1)) $member $offset'
done
last=$((end * 8 - 200000))
check "the legs are equal at the end" same_data /dev/a /dev/b 200000 $((last + $(data_offset /dev/a))) $((last + $(data_offset /dev/b)))
check "the module unloads" unload_raid1
