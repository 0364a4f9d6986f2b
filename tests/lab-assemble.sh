#!/bin/bash
# For scripts/lab-assemble: assembles each of the crash states in $LAB_STATES, whose members are the disks from vda on, and
# waits until all its members are in sync.
. /tests/lib.sh
. /tests/array.sh

read -ra states <<<"$LAB_STATES"
disks=(/sys/block/vd*)
disks=("${disks[@]/#\/sys\/block/\/dev}")
members_of_each=$((${#disks[@]} / ${#states[@]}))

# put_back MEMBER...: those that were left out of the array. Not to be trusted with a bitmap: the kernel's raid1 may have
# dropped its bits (and it is not the bits on disk that are to blame); what raid1wb does with them is to be seen.
put_back() {
	local member
	for member in "$@"; do
		[[ ! -e /sys/block/md0/md/dev-${member##*/} ]] || continue
		if ours; then
			mdadm --quiet /dev/md0 --re-add "$member" 2>/dev/null && continue
		fi
		mdadm --quiet --zero-superblock "$member" && mdadm --quiet /dev/md0 --add "$member" || return
	done
}

# revive MEMBER...: assemble, and bring in sync.
revive() {
	mdadm --quiet --assemble --run /dev/md0 "$@" && put_back "$@" && become_in_sync 120
}

load_raid1
fast_sync
for i in "${!states[@]}"; do
	state=${states[i]}
	members=("${disks[@]:i*members_of_each:members_of_each}")
	((i % 2 == 0)) || mapfile -t members < <(printf '%s\n' "${members[@]}" | tac)
	check "state $state" revive "${members[@]}"
	stop || not_ok "state $state: it does not stop"
done
