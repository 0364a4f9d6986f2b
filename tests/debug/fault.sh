#!/bin/bash
# vm: --icount
# debug: kasan
# A request to a member fails, whichever it is, in every walk of an array's life: the array goes on, whoever failed comes
# back, nothing is lost, legs are equal.
. /tests/lib.sh
. /tests/array.sh
. /tests/debug/lib

# alive: is the array, and does it take writes?
alive() {
	[[ -e /sys/block/md0 && $(md array_state) != @(clear|inactive|broken) ]]
}

# take_out MEMBER: once md has let go of it.
take_out() {
	wait_for 20 "mdadm --quiet /dev/md0 --remove /dev/$1 2>/dev/null"
}

# come_back MEMBER: if it failed, or was left out.
come_back() {
	if [[ -e /sys/block/md0/md/dev-$1 ]]; then
		in_state "$1" faulty || return 0
		take_out "$1" || return
	fi
	if [[ $1 == b ]]; then
		mdadm --quiet /dev/md0 --add --write-mostly "/dev/$1"
	else
		mdadm --quiet /dev/md0 --add "/dev/$1"
	fi
}

# mended: the array becomes what it was, and has what was written first.
mended() {
	if ! alive; then
		[[ ! -e /sys/block/md0 ]] || stop || return
		assemble --run /dev/a /dev/b || return
	fi
	come_back a && come_back b && become_in_sync 60 && clean_bits /dev/a && legs_equal /dev/a /dev/b && has kept 7
}

# any NAME MEMBERS NUMBERS COMMAND...: COMMAND with one of the next NUMBER requests to a member failing, for each MEMBER and
# NUMBER. It must be good; or if NAME ends with "?", it may fail then.
any() {
	local name=${1%\?} member number status hit=0 refused=0
	for member in $2; do
		for number in $3; do
			faults fail_make_request interval="$number" times=1
			echo 1 >"/sys/block/$member/make-it-fail"
			"${@:4}" >/run/said 2>&1
			status=$?
			echo 0 >"/sys/block/$member/make-it-fail"
			hit=$((hit + 1 - $(<"$debugfs/fail_make_request/times")))
			if ((status != 0)); then
				refused=$((refused + 1))
				[[ $1 == *\? ]] || die "$name: fails with $member's $number: $(</run/said)"
			fi
			mended >/run/said 2>&1 || die "$name: not mended after $member's $number: $(</run/said)"
		done
	done
	check "$name: $hit requests failed, $refused times it was refused: always mended" [ "$hit" -gt 0 ]
}

fio_writes() {
	fio --name=w --filename=/dev/md0 --ioengine=libaio --direct=1 --rw=randwrite --bsrange=4k-64k --offset=4m --size=1m \
		--iodepth=8 --fsync=16 --verify=crc32c --verify_fatal=1 --verify_state_save=0
}

# recovery MEMBER
recovery() {
	mdadm --quiet /dev/md0 --fail "/dev/$1" && take_out "$1" && scribble /dev/md0 1 5 && come_back "$1" || return
	wait_for 20 '[[ $(md sync_action) == idle ]]'
}

read_back() {
	has kept 7
}

# repair: of a MiB of which one leg has lost all. How it has lost that is no request that is to fail.
repair() {
	local fails
	fails=$(</sys/block/b/make-it-fail)
	echo 0 >/sys/block/b/make-it-fail
	scribble /dev/b 1 6
	echo "$fails" >/sys/block/b/make-it-fail
	scrub repair
}

grow_and_shrink() {
	mdadm --quiet --grow /dev/md0 --size=16M && become_in_sync 60
	mdadm --quiet --grow /dev/md0 --size=8M
}

another_bitmap() {
	mdadm --quiet --grow --bitmap=none /dev/md0
	put more 3 && mdadm --quiet --grow --bitmap=internal --bitmap-chunk=64K /dev/md0
}

# again: stop, if that is possible, and assemble.
again() {
	stop && assemble /dev/a /dev/b
}

load_raid1
fast_sync
null_disk a 24 50 cache_size=1
null_disk b 24 1000 cache_size=1
must create --raid-devices=2 --assume-clean --bitmap=internal --bitmap-chunk=64K --delay=1 --write-behind=100 --size=8M \
	--data-offset=1M /dev/a --write-mostly /dev/b
# Without lists of bad blocks, which would keep members that cannot write.
must stop
must assemble --update=no-bbl /dev/a /dev/b
must put kept 7
must clean_bits /dev/a
faults fail_make_request probability=100 times=0 verbose=0 task-filter=N stacktrace-depth=0

any "write" "a b" "1 2 3" put new 9
any "write, read and flush" "a b" "1 2 5 9 14 20 33" fio_writes
any "read" "a b" "1 2" read_back
# mdadm itself writes a superblock, too.
any "recovery?" b "1 2 3 5 8 13 21" recovery b
any "recovery of the fast member?" a "1 3 8 21" recovery a
any "check" "a b" "1 3 9" scrub check
any "repair" "a b" "1 3 9" repair
any "grow?" "a b" "1 2 3 5 8" grow_and_shrink
any "another bitmap?" "a b" "1 2 3 5 8 13" another_bitmap
any "stop" "a b" "1 2 3" stop
any "assemble?" "a b" "1 2 3 5 8 13 21" again
check "stop" stop
check "the module unloads" unload_raid1
