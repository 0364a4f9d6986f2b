#!/bin/bash
# vm: --smp 2 --timeout 900
# The attributes in md/bitmap/ are ours while we run an array, and the core's again afterwards; those in md/write_behind/ come
# and go with the array and its members, whoever uses them.
. /tests/lib.sh
. /tests/array.sh

bitmap=/sys/block/md0/md/bitmap
behind=/sys/block/md0/md/write_behind
names="backlog can_clear chunksize location max_backlog_used metadata space time_base"

# is ATTRIBUTE VALUE
is() {
	[[ $(md "bitmap/$1") == "$2" ]] || {
		md "bitmap/$1"
		return 1
	}
}

# takes ATTRIBUTE VALUE [SHOWN]: can it be set, and is it shown then?
takes() {
	md "bitmap/$1" "$2" && is "$1" "${3:-$2}"
}

# refuses ATTRIBUTE VALUE: and keeps what it had?
refuses() {
	local before
	before=$(md "bitmap/$1")
	no md "bitmap/$1" "$2" 2>/dev/null && is "$1" "$before"
}

mirror() {
	create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --write-behind=300 --delay=7 \
		/dev/a --write-mostly /dev/b
}

# Known by what only ours takes.
group_is_ours() {
	md bitmap/backlog 20000 2>/dev/null && is backlog 20000 && md bitmap/backlog 300
}

load_raid1
fast_sync
null_disk a 16 0
null_disk b 16 0

must mirror
check "these attributes" [ "$(echo "$bitmap"/* | sed "s,$bitmap/,,g")" = "$names" ]
check "location" is location +8
check "chunksize" is chunksize 65536
check "metadata" is metadata internal
check "time_base" is time_base 7
check "backlog" is backlog 300
check "can_clear" is can_clear true
check "max_backlog_used" is max_backlog_used 0
check "time_base can be set" takes time_base 3
check "to a fraction" takes time_base 0.5 0.500
check "but to nothing else" refuses time_base soon
check "backlog can be set" takes backlog 16383
check "but not to nonsense" refuses backlog many
check "it is on disk" grep -q 'max 16383' <(mdadm -X /dev/a)
! ours || check "backlog may be larger than the core's limit" takes backlog 20000
check "backlog back" takes backlog 300
check "chunksize cannot be changed with a bitmap" refuses chunksize 131072
check "metadata cannot be changed with a bitmap" refuses metadata external
check "location cannot be changed with a bitmap" refuses location +16
check "space cannot be too small" refuses space 0
check "can_clear can be taken away" takes can_clear false
check "and given" takes can_clear true
check "but not to nonsense" refuses can_clear maybe
check "write" acked put one 1
check "max_backlog_used counts" [ "$(md bitmap/max_backlog_used)" -ge 1 ]
check "max_backlog_used is reset" takes max_backlog_used 0

md bitmap/time_base 1
check "all bits are cleared" clean_bits /dev/a
check "keep bits: can_clear=false" takes can_clear false
check "write" acked put two 2
! ours || check "the bit stays" no wait_for 4 '[[ $(dirty_bits /dev/a) == 0 ]]'
check "let bits go" takes can_clear true
check "write elsewhere" acked put three 3
check "the bit goes" clean_bits /dev/a

check "remove the bitmap: location=none" takes location none
check "write" acked put four 4
check "mdstat shows none" no grep -q bitmap: /proc/mdstat
check "chunksize can be set now" takes chunksize 131072
check "but not to any" refuses chunksize 3000
check "chunksize back" takes chunksize 65536
check "add it: location=+8" takes location +8
check "mdstat shows it" wait_for 10 'grep -q bitmap: /proc/mdstat'
check "write" acked put five 5
check "all bits are cleared" clean_bits /dev/a

# What nobody should write there. The kernel's raid1 takes some of it.
for value in -1 +-1 0x 18446744073709551616 99999999999999999999999 3.5 " " $((1 << 31)) $((1 << 32)); do
	check "backlog is not '$value'" refuses backlog "$value"
	ours || continue
	check "chunksize is not '$value'" refuses chunksize "$value"
	check "location is not '$value'" refuses location "$value"
done
for value in -1 1.2.3 1e3 "1 2" 0x10; do
	check "time_base is not '$value'" refuses time_base "$value"
done
check "time_base 0: as often as can be" takes time_base 0 0.004
check "time_base of a thousandth" takes time_base 1.2009 1.200
! ours || check "time_base is not a dot" refuses time_base .
for value in -1 x 0 18446744073709551616; do
	check "space is not '$value'" refuses space "$value"
done
check "space can be more than there is" takes space 18446744073709551615
check "space back" takes space 6
for value in "" True yes 1; do
	check "can_clear is not '$value'" refuses can_clear "$value"
	check "metadata is not '$value'" refuses metadata "$value"
done
check "a member fails" mdadm --quiet /dev/md0 --fail /dev/b
! ours || check "bits are kept" is can_clear false
check "and will be" no md bitmap/can_clear true
check "it comes back" eval 'wait_for 20 "mdadm --quiet /dev/md0 --remove /dev/b 2>/dev/null" && mdadm --quiet /dev/md0 --re-add /dev/b && become_in_sync'
check "bits are let go" is can_clear true

check "remove the bitmap" takes location none
for value in 0 1 256 511 3000 $(((1 << 32) - 1)) $((1 << 32)) 18446744073709551616 -512 x; do
	check "without a bitmap, chunksize is not '$value'" refuses chunksize "$value"
done
for value in 512 $((1 << 31)) 65536; do
	check "without a bitmap, chunksize is $value" takes chunksize "$value"
done
check "metadata: external" takes metadata external
! ours || check "of which there is no bitmap" refuses location +8
check "metadata: internal" takes metadata internal
for value in +0 x none8 "" 99999999999999999999; do
	check "location is not '$value'" no eval 'md bitmap/location "$value" 2>/dev/null && is location "$value"'
done
if ours; then
	for value in +1 +7 +2048 +100000 -16 -100000000 +9223372036854775807 -9223372036854775808; do
		check "location is not '$value', where there is no bitmap" refuses location "$value"
	done
fi
check "location: +8" takes location +8
check "write" acked put seven 7
check "all bits are cleared" clean_bits /dev/a
check "stop" stop
check "legs are equal" legs_equal /dev/a /dev/b

# The attributes are read and written all the time while arrays come and go.
# hammer FOLDER: all of them in there.
hammer() {
	local file
	while [[ ! -e /run/stop ]]; do
		for file in "$1"/* "$1"/slot*/*; do
			[[ -f $file ]] && read -r <"$file"
			case $file in
			*/backlog) echo $((RANDOM % 500 + 1)) >"$file" ;;
			*/time_base) echo $((RANDOM % 9 + 1)) >"$file" ;;
			*/max_backlog_used) echo 0 >"$file" ;;
			*/location) ((RANDOM % 5)) || echo none >"$file" ;;
			*/limit_writes) echo $((RANDOM % 500 + 1)) >"$file" ;;
			*/limit_bytes) echo $((RANDOM * 1000)) >"$file" ;;
			*/max_*) echo 0 >"$file" ;;
			*/space) echo $((RANDOM % 3)) >"$file" ;;
			*/can_clear) echo true >"$file" ;;
			esac
		done
	done 2>/dev/null
}

# change_members N: one of them leaves, and comes back.
change_members() {
	local i
	for ((i = 0; i < $1; i++)); do
		acked put "$i" "$i" && mdadm --quiet /dev/md0 --fail /dev/b &&
			wait_for 20 "mdadm --quiet /dev/md0 --remove /dev/b 2>/dev/null" &&
			wait_for 20 "mdadm --quiet /dev/md0 --add --write-mostly /dev/b 2>/dev/null" && become_in_sync 60 || return
	done
}

# come_and_go N
come_and_go() {
	local i made
	for ((i = 0; i < $1; i++)); do
		if ((i % 4 == 3)); then
			made="create --raid-devices=2 --assume-clean --bitmap=none /dev/a /dev/b"
		elif ((i % 2)); then
			made=mirror
		else
			made="assemble /dev/a /dev/b"
		fi
		# The one before stays for a moment if its attributes are in use.
		wait_for 20 "$made 2>/dev/null" || return
		acked put "$i" "$i" && stop || return
	done
}

background hammer $bitmap
users=$job
background hammer $behind
users+=" $job"
check "arrays come and go while attributes are used" come_and_go 12
check "create" mirror
check "members come and go while attributes are used" change_members 8
check "stop" stop
touch /run/stop
# shellcheck disable=SC2086 # two names
check "the users end" wait_for 20 "ls $users"
must mirror
check "attributes work after that" takes backlog 301
! ours || check "and are ours" group_is_ours
! ours || check "members have directories" wait_for 10 '[[ -e $behind/slot0/state && -e $behind/slot1/state ]]'
check "legs are equal" legs_equal /dev/a /dev/b
check "stop" stop

check "the module unloads" unload_raid1
MODE=kernel
load_raid1
must mirror
check "the core's attributes are back" [ "$(echo "$bitmap"/* | sed "s,$bitmap/,,g")" = "$names" ]
check "they are the core's" no group_is_ours
check "they work" takes backlog 302
check "all of them can be read" cat "$bitmap"/*
check "location=none" takes location none
check "stop" stop
check "the kernel's raid1 unloads" unload_raid1
