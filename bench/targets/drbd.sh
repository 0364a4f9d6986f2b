# shellcheck shell=bash disable=SC2034,SC2154
# DRBD 8.4, protocol A. Both ends are in this machine: minor 0 on /dev/fast, minor 1 on /dev/far, which is as fast; between
# them is TCP over the loopback device, where a round trip takes as long as the slow leg.
#
# One kernel has no trouble with that: DRBD 8.4 knows no network namespaces, but ends that are of different resources and
# listen at different ports may be connected to each other.

# What is behind is tracked in any case.
bitmaps=(internal)
drbd_disks=(fast far)
drbd_ports=(127.0.0.1:7789 127.0.0.1:7790)
# Buffers as LINBIT's guide has them for links of high latency. The rest is as DRBD has it: flushes are passed on and writes
# ordered with them on both ends, and who finds the send buffer full waits.
drbd_net=(--protocol=A --sndbuf-size=10M --rcvbuf-size=10M --max-buffers=36000 --max-epoch-size=20000)
# Resync is as fast as the disks and the link are, whatever else goes on.
drbd_options=(--al-extents=6007 --c-plan-ahead=0 --resync-rate=4G --c-min-rate=0)

target_up() {
	must modprobe drbd usermode_helper=disabled
	must mkdir -p /var/lock /var/lib/drbd
	drbd_network
	disk far "$fast_us"
	drbd_format 0
	drbd_format 1
	drbd_start 0
	drbd_start 1
	wait_for 30 'drbd_is Connected Secondary/Secondary Inconsistent/Inconsistent' || die "the ends do not meet"
	# The other end's state is here; ours is on its way.
	sleep 1
	must drbdsetup new-current-uuid --clear-bitmap 0
	backlog_of=far${kept_mib:+-rest}
	drbd_primary
}

target_down() {
	target_stop
	drbd_stop 1
	[[ ! $kept_mib ]] || mend_disk fast
	[[ ! $kept_mib ]] || mend_disk far
	remove_disk far
	must tc qdisc del dev lo root
	must rmmod drbd
}

# target_start: our end; the other one is up.
target_start() {
	drbd_start 0
	drbd_primary
}

target_stop() {
	drain
	drbd_stop 0
}

# drbd_network: half the round trip is the delay of each packet.
drbd_network() {
	local delay=$((slow_ms * 500))
	[[ ! $twins ]] || delay=0
	must ip link set lo up
	must modprobe sch_netem
	must tc qdisc replace dev lo root netem delay "${delay}us" limit 100000
}

# drbd_format END: metadata are at the end of its disk; at the begin of one that forgets the rest.
drbd_format() {
	local name=${drbd_disks[$1]}
	drbd_data[$1]=/dev/$name drbd_meta[$1]=/dev/$name drbd_index[$1]=internal
	if [[ $kept_mib ]]; then
		# 32 KiB of bitmap a GiB, and the log.
		cut_disk "$name" $((leg_mib / 32768 + 2))
		drbd_data[$1]=/dev/mapper/$name-data drbd_meta[$1]=/dev/mapper/$name-meta drbd_index[$1]=flexible
	fi
	drbd_meta "$1" create-md
}

# drbd_meta END COMMAND
drbd_meta() {
	drbdmeta --force "$1" v08 "${drbd_meta[$1]}" "${drbd_index[$1]/flexible/flex-external}" "$2" >/run/drbdmeta 2>&1 ||
		die "set-up: drbdmeta $2: $(</run/drbdmeta)"
}

# drbd_start END
drbd_start() {
	drbd_meta "$1" apply-al
	must drbdsetup new-resource "end$1"
	must drbdsetup new-minor "end$1" "$1" 0
	must drbdsetup attach "$1" "${drbd_data[$1]}" "${drbd_meta[$1]}" "${drbd_index[$1]}" "${drbd_options[@]}"
	must drbdsetup connect "end$1" "${drbd_ports[$1]}" "${drbd_ports[1 - $1]}" "${drbd_net[@]}"
}

# drbd_stop END
drbd_stop() {
	wait_for 60 "drbdsetup down end$1 2>/dev/null" || die "cannot stop DRBD"
}

# drbd_primary: our end is to be used, and the other one has the same data.
drbd_primary() {
	must drbdsetup primary 0
	wait_for 300 'drbd_is Connected Primary/Secondary UpToDate/UpToDate' || die "the ends are not equal: $drbd_state"
	device=/dev/drbd0
	# Each end counts since it was connected.
	drbd_before=0
	look_behind
	drbd_before=$behind
}

# drbd_is CONNECTION ROLES DISKS: is our end in that state?
drbd_is() {
	drbd_look
	[[ $drbd_state == *" 0: cs:$1 ro:$2 ds:$3 "* ]]
}

drbd_look() {
	read -rd '' drbd_state </proc/drbd
	[[ $drbd_state ]] || die "no /proc/drbd"
}

# look_behind: what our end has sent and the other's disk has not got, in writes of 4 KiB.
look_behind() {
	local line=$'[^\n]*\n *' sent written
	sent=" 0: cs:${line}ns:([0-9]+) " written=" 1: cs:${line}ns:[0-9]+ nr:[0-9]+ dw:([0-9]+) "
	behind=0
	[[ $backlog_of ]] || return 0
	drbd_look
	[[ $drbd_state =~ $sent.*$written ]] || return 0
	behind=$(((BASH_REMATCH[1] - BASH_REMATCH[2]) / 4 - drbd_before))
}

# target_recover: the other end has lost its data.
target_recover() {
	must drbdsetup invalidate-remote 0
	wait_for 10 target_recovering || die "the other end is not being recovered"
}

target_recovering() {
	drbd_is SyncSource Primary/Secondary UpToDate/Inconsistent
}

# target_await_recovery: sleeps until it is over.
target_await_recovery() {
	drbdsetup wait-sync 0
	drbd_is Connected Primary/Secondary UpToDate/UpToDate || die "the other end was not recovered"
}

# target_lose_fast: our end has no disk any more.
target_lose_fast() {
	must drbdsetup detach 0
	wait_for 10 'drbd_is Connected Primary/Secondary Diskless/UpToDate' || die "the fast disk cannot be lost"
}
