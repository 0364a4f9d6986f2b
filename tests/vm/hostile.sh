#!/bin/bash
# vm: --icount
# Bitmap superblocks on disk that are wrong: the array is refused, or resynced in full, and the log says why.
. /tests/lib.sh
. /tests/array.sh

offset=2048 super=8192

# little BYTES NUMBER: little-endian.
little() {
	local i number=$2
	for ((i = 0; i < $1; i++)); do
		printf '\\x%02x' $((number & 255))
		number=$((number >> 8))
	done
}

# poke AT BYTES MEMBER...: change the bitmap superblock; BYTES as for printf.
poke() {
	local member
	for member in "${@:3}"; do
		# shellcheck disable=SC2059 # that is the point
		printf "$2" | dd of="$member" bs=1 seek=$((super + $1)) conv=notrunc status=none
		blockdev --flushbufs "$member"
	done
}

# metadata MEMBER: what is before its data.
metadata() {
	direct_read "$1" 0 $offset
}

# prepare: members as they are after a clean stop, but with a difference that only a resync of everything finds, and with
# BYTES at AT in the bitmap's superblock on some members.
prepare() {
	local name
	for name in a b; do
		dd if=/dev/shm/$name of=/dev/$name bs=1M oflag=direct conv=notrunc status=none || die "set-up: restore"
	done
	must put fresh $((500 + offset / 8)) /dev/a
	must put stale $((500 + offset / 8)) /dev/b
	poke "$@"
	metadata /dev/a >/dev/shm/before
	mark="mark $RANDOM$RANDOM"
	echo "$mark" >/dev/kmsg
}

# said: has the log something to say about the bitmap?
said() {
	dmesg | sed "1,/$mark/d" | grep -q 'md/raid1wb:md0: .*bitmap' || {
		dmesg | sed "1,/$mark/d"
		return 1
	}
}

# by_hand MEMBER...: assemble without mdadm, which does not survive all that we do.
by_hand() {
	local member
	echo md0 >/sys/module/md_mod/parameters/new_array && md metadata_version 1.2 || return
	for member; do
		md new_dev "$(stat -c %Hr:%Lr "$member")" || return
	done
	md array_state active
}

# refused NAME AT BYTES MEMBER...
refused() {
	prepare "${@:2}"
	check "$1: refused" no "${how:-assemble}" /dev/a /dev/b
	! ours || check "$1: the log says why" said
	check "$1: nothing was touched" cmp -s /dev/shm/before <(metadata /dev/a)
	mdadm --quiet --stop /dev/md0 2>/dev/null
}

# resynced NAME AT BYTES MEMBER...
resynced() {
	prepare "${@:2}"
	check "$1: assembled" assemble /dev/a /dev/b
	! ours || check "$1: the log says why" said
	check "$1: resync" become_in_sync
	check "$1: of everything" has fresh $((500 + offset / 8)) /dev/b
	check "$1: stop" stop
}

# ignored NAME AT BYTES MEMBER...: as if it were not there.
ignored() {
	prepare "${@:2}"
	check "$1: assembled" assemble /dev/a /dev/b
	check "$1: no resync" in_sync
	check "$1: nothing was copied" no has fresh $((500 + offset / 8)) /dev/b
	check "$1: write" acked put any 100
	check "$1: bits go" clean_bits /dev/a
	check "$1: stop" stop
}

# survived NAME AT BYTES MEMBER...: whatever becomes of the array, it can be used if it runs.
survived() {
	prepare "${@:2}"
	if assemble /dev/a /dev/b 2>/dev/null; then
		check "$1: runs: in sync" become_in_sync
		check "$1: runs: write" acked put any 100
		check "$1: runs: bits go" clean_bits /dev/a
		check "$1: runs: stop" stop
	else
		ok "$1: refused"
		mdadm --quiet --stop /dev/md0 2>/dev/null
	fi
}

load_raid1
fast_sync
null_disk a 24 0
null_disk b 24 0
must create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=1 --data-offset=1M --write-behind=100 \
	/dev/a --write-mostly /dev/b
chunks=$(($(md component_size) / 64))
[[ $(md bitmap/location) == +8 ]] || die "the bitmap is elsewhere"
clean_bits /dev/a || die "the bits of a new array stay set"
must put data 7
clean_bits /dev/a || die "the bits stay set"
must stop
metadata /dev/a >/dev/shm/a
metadata /dev/b >/dev/shm/b
events=$(mdadm -X /dev/a | sed -n 's/ *Events : //p')
both="/dev/a /dev/b"

# shellcheck disable=SC2086 # two names
{
	refused "magic" 0 '\x00' $both
	refused "all zero" 0 "$(little 64 0)" $both
	! ours || refused "version 3" 4 "$(little 4 3)" $both
	refused "version 5" 4 "$(little 4 5)" $both
	refused "version 6" 4 "$(little 4 6)" $both
	refused "version 99" 4 "$(little 4 99)" $both
	refused "uuid" 8 'somebody else' $both
	how=by_hand refused "chunk size 0" 52 "$(little 4 0)" $both
	refused "chunk size 3000" 52 "$(little 4 3000)" $both
	refused "chunk size 256" 52 "$(little 4 256)" $both
	refused "daemon sleep 0" 56 "$(little 4 0)" $both
	refused "daemon sleep 2^32-1" 56 "$(little 4 -1)" $both
	refused "write-behind 16384" 60 "$(little 4 16384)" $both
	resynced "events 1" 24 "$(little 8 1)" $both
	resynced "events $((events - 1))" 24 "$(little 8 $((events - 1)))" $both
	resynced "state: out of date" 48 "$(little 4 2)" $both
	resynced "size of half the array" 40 "$(little 8 $((11 * 1024)))" $both
	ignored "bits beyond the end" $((256 + chunks / 8 + 1)) "$(printf '\\xff%.0s' {1..300})" $both
	ignored "cluster's name" 72 somebody $both
	survived "size of everything" 40 "$(little 8 -1)" $both
	survived "chunk size 2^31" 52 "$(little 4 $((1 << 31)))" $both
	survived "chunk size 512" 52 "$(little 4 512)" $both
	survived "events 2^64-1" 24 "$(little 8 -1)" $both
	survived "nodes" 68 "$(little 4 7)" $both
	survived "no room reserved" 64 "$(little 4 0)" $both
	survived "little room reserved" 64 "$(little 4 1)" $both
	survived "magic of the first only" 0 '\x00' /dev/a
	survived "magic of the second only" 0 '\x00' /dev/b
	survived "uuid of the second only" 8 'somebody else' /dev/b
	for ((i = 0; i < 5; i++)); do
		noise=$(od -An -v -tx1 -N $((256 - 24)) /dev/urandom | tr -d '\n' | sed 's/ /\\x/g')
		survived "noise $i" 24 "$noise" $both
	done
}
prepare 0 '' /dev/a
for name in a b; do
	echo +16-23 >"/sys/kernel/config/nullb/$name/badblocks"
done
check "unreadable: refused" no assemble /dev/a /dev/b
! ours || check "unreadable: the log says why" said
mdadm --quiet --stop /dev/md0 2>/dev/null
for name in a b; do
	echo -16-23 >"/sys/kernel/config/nullb/$name/badblocks"
done
check "unreadable: nothing was touched" cmp -s /dev/shm/before <(metadata /dev/a)
prepare 0 '' /dev/a
check "assembled by hand" by_hand /dev/a /dev/b
check "no resync" in_sync
check "data is there" has data 7
check "stop" stop
survived "nothing wrong" 0 '' /dev/a
check "data is there" eval 'assemble /dev/a /dev/b && has data 7'
check "stop" stop
check "the module unloads" unload_raid1
