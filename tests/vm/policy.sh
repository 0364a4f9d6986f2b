#!/bin/bash
# vm: --smp 2 --timeout 300
# Sizes and policies of a running array: array_size, --grow --size, consistency_policy, serialize_policy.
. /tests/lib.sh
. /tests/array.sh

# sectors: how large the array is for who uses it.
sectors() {
	blockdev --getsz /dev/md0
}

# policy NAME: md is too busy while it looks at the members.
policy() {
	wait_for 20 "md consistency_policy $1 2>/dev/null" && [[ $(md consistency_policy) == "$1" ]]
}

# refused POLICY: nothing changes, and the log says why.
refused() {
	local before
	before=$(md consistency_policy)
	no md consistency_policy "$1" 2>/dev/null && [[ $(md consistency_policy) == "$before" ]] &&
		{ ! ours || dmesg | grep -q "policy is \"bitmap\" or \"resync\""; }
}

load_raid1
fast_sync
null_disk a 64 0
null_disk b 64 500
must create --raid-devices=2 --assume-clean --size=16M --bitmap=internal --bitmap-chunk=64K --delay=1 --write-behind=100 /dev/a \
	--write-mostly /dev/b

check "size: 8 MiB for the user" md array_size 8192
check "size: that is what there is" [ "$(sectors)" == 16384 ]
check "size: not less on the members" no mdadm --quiet --grow --size=4M /dev/md0
check "size: more on the members" wait_for 20 'mdadm --quiet --grow --size=32M /dev/md0 2>/dev/null'
check "size: resync" become_in_sync
check "size: still 8 MiB for the user" [ "$(sectors)" == 16384 ]
check "size: write" acked put one 2047
check "size: not behind the end" no put one 2048
check "size: as much as there is" md array_size default
check "size: 32 MiB" [ "$(sectors)" == 65536 ]
check "size: write" acked put two 8000
check "size: a check finds nothing" nothing_differs

check "policy: bitmap" [ "$(md consistency_policy)" == bitmap ]
check "policy: ppl is refused" refused ppl
check "policy: a journal is refused" refused journal
if ours; then
	check "policy: resync" policy resync
	check "policy: write" acked put three 3
	check "policy: no bitmap on the members" no mdadm --examine-bitmap /dev/a
	check "policy: a bitmap has to be laid out" no md consistency_policy bitmap
	check "policy: the log says how" eval 'dmesg | grep -q "add the bitmap by mdadm --grow --bitmap=internal"'
	check "policy: bitmap" mdadm --quiet --grow --bitmap=internal --bitmap-chunk=64K --write-behind=100 /dev/md0
	check "policy: it is that" [ "$(md consistency_policy)" == bitmap ]
	check "policy: write" acked put four 4
	check "policy: the bits go" clean_bits /dev/a
	check "policy: mdadm shows it" eval '[[ $(mdadm --detail /dev/md0) == *"Consistency Policy : bitmap"* ]]'
fi

check "serialize: on" md serialize_policy 1
check "serialize: it is shown" [ "$(md serialize_policy)" == 1 ]
check "serialize: overlapping writes" fio --name=w --filename=/dev/md0 --ioengine=libaio --direct=1 --rw=randwrite --bs=4k --size=64k \
	--iodepth=16 --io_size=4m --output=/run/fio
check "serialize: a check finds nothing" nothing_differs
check "serialize: off" md serialize_policy 0
check "serialize: on again" md serialize_policy 1
check "serialize: fail" mdadm --quiet /dev/md0 --fail /dev/b
check "serialize: remove" wait_for 20 'mdadm --quiet /dev/md0 --remove /dev/b 2>/dev/null'
check "serialize: re-add" mdadm --quiet /dev/md0 --re-add /dev/b
check "serialize: recovery" become_in_sync
check "stop" stop
check "legs are equal" legs_equal /dev/a /dev/b
check "the module unloads" unload_raid1
