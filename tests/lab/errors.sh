#!/bin/bash
# Members that cannot write here, and cannot read there, first the fast one, then the slow one: they stay, and record as
# bad what they do not hold. What has been recorded is written again once it can be. No FUA: these disks make that a
# write and a flush, and who may have lost what was in its cache fails.
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

spot=16384 # bytes
pitch=262144

# errs MEMBER WHICH OFFSET: 16 KiB of every 256 KiB of its data from now on.
errs() {
	local from i
	from=$(($(data_offset "${members[$1]}") * 512 + $3))
	phase "member$1 errs: $2"
	for ((i = 0; i < 16; i++)); do
		member "$1" "error $2 $((from + i * pitch))+$spot"
	done
}

attribute() {
	echo "dev-$(basename "$(readlink "${members[$1]}")")/$2"
}

# has_bad MEMBER: has it recorded anything?
has_bad() {
	[[ $(md "$(attribute "$1" bad_blocks)") ]]
}

has_fewer() {
	(($(md "$(attribute "$1" bad_blocks)" | wc -l) < $2))
}

# write_errors MEMBER OFFSET
write_errors() {
	local recorded
	writing "writes while member$1 could not write all" --count 8192 --window 8192 --fua 0
	sleep 1
	errs "$1" write "$2"
	check "member$1 cannot write: that is recorded" wait_for 60 "has_bad $1"
	sleep 5
	stop_writing
	check "member$1 cannot write: it stays" in_sync
	member "$1" error off
	recorded=$(md "$(attribute "$1" bad_blocks)" | wc -l)
	check "member$1 can write again: stop" stop
	phase stopped
	must assemble "${members[@]}"
	limit
	writing "writes over what member$1 could not write" --count 8192 --window 8192 --fua 0
	check "member$1 can write again: what is written is good" wait_for 60 "has_fewer $1 $recorded"
	sleep 3
	stop_writing
}

# read_errors MEMBER OFFSET: of a slow member only who compares sees them.
read_errors() {
	writing "writes while member$1 could not read all" --count 8192 --window 8192 --fua 0 --read 40
	sleep 1
	errs "$1" read "$2"
	(($1 == 0)) || md sync_action check
	check "member$1 cannot read: that is recorded" wait_for 60 "has_bad $1"
	sleep 5
	stop_writing
	check "member$1 cannot read: it stays" wait_for 60 in_sync
	member "$1" error off
}

# limit: so many read errors are tolerated.
limit() {
	must md max_read_errors 1000000
}

member 1 write-delay 5ms..15ms
create_behind 4M
limit
write_errors 0 0
read_errors 0 65536
write_errors 1 131072
read_errors 1 196608
check "stop" stop
phase stopped
