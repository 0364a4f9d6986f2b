# shellcheck shell=bash
# For tests of a leg on another machine, in the machine of scripts/check-remote: `. /tests/remote/lib.sh`. The other machine is a
# network namespace, far, with a disk of its own, /dev/behind. PROTOCOL is how it is reached.
. /tests/lib.sh
. /tests/array.sh
PROTOCOL=${PROTOCOL:-nvme}
here=10.0.0.1 there=10.0.0.2 far_disk=/dev/behind disk_mib=64
host_id=9c1d5a34-07c6-4f2c-a6ab-5a1c8e1f3f10

# on_far COMMAND...: on the other machine.
on_far() {
	nsenter --net=/run/netns/far "$@"
}

# begin: programs, udev with the rules, the disks, a wire between the machines.
begin() {
	must tar -xf /remote.tar -C /
	must depmod -a
	mkdir -p /etc/nvme /etc/iscsi /etc/udev/rules.d
	echo "nqn.2014-08.org.nvmexpress:uuid:$host_id" >/etc/nvme/hostnqn
	echo "$host_id" >/etc/nvme/hostid
	cp /remote-leg.rules /etc/udev/rules.d/90-remote-leg.rules
	echo "InitiatorName=iqn.2026-01.raid1wb:near" >/etc/iscsi/initiatorname.iscsi
	load_raid1
	fast_sync
	must /usr/lib/systemd-udevd --daemon 2>/dev/null
	null_disk fast $disk_mib 50
	null_disk behind $disk_mib 50
	null_disk alone $disk_mib 50
	must modprobe -a veth sch_netem
	must ip netns add far
	must ip link add near type veth peer name far netns far
	# Packets are lost one by one, as on a wire.
	must ip link set near up gso_max_segs 1
	must ip -n far link set far up gso_max_segs 1
	must ip addr add $here/24 dev near
	must ip -n far addr add $there/24 dev far
	must ip link set lo up
	must ip -n far link set lo up
	link 20
	[[ $PROTOCOL != iscsi ]] || { mkdir -p /run/lock/iscsi && must modprobe -a iscsi_tcp sd_mod && must iscsid; }
}

# netem SETTING...: what becomes of packets, either way.
netem() {
	must tc qdisc replace dev near root netem "$@"
	must tc -n far qdisc replace dev far root netem "$@"
}

# link MS [SETTING...]: a round trip takes so long.
link() {
	link=(limit 10000 delay "$(($1 * 500))us" "${@:2}")
	netem "${link[@]}"
}

# cut: nothing comes through until mend_link. Nobody is told.
cut() {
	netem loss 100%
}

mend_link() {
	netem "${link[@]}"
}

export_leg() {
	on_far remote-leg export "$PROTOCOL" $far_disk leg --listen $there
}

unexport_leg() {
	on_far remote-leg unexport "$PROTOCOL" leg
}

# Requests of NBD that were under way on a connection that is lost are sent again only after that time.
soon=()
# shellcheck disable=SC2034 # for the tests
[[ $PROTOCOL != nbd ]] || soon=(--answer 15)

# attach_leg OPTION...: $leg is its device.
attach_leg() {
	leg=$(remote-leg attach "$PROTOCOL" $there leg "$@") || die "set-up: remote-leg attach"
	[[ -b $leg ]] || die "set-up: remote-leg attach said $leg"
}

# mirror LIMIT: /dev/md0 of the near disk and the leg. The first write is over, which tells all superblocks that the array is active.
mirror() {
	create_mirror /dev/fast "$leg" --write-behind="$1" --delay=1
	must wait_for 60 '[[ -e /sys/block/md0/md/write_behind/backlog_writes ]]'
	must acked put first 0
	drained 60 || die "set-up: the first write does not reach the leg"
}

# disconnected: does this machine know that the other one is away?
disconnected() {
	case $PROTOCOL in
	nvme) ! grep -q live /sys/class/nvme/nvme*/state ;;
	nbd) [[ $(dmesg | grep -oE '(is lost|is connected again)$' | tail -n 1) == 'is lost' ]] ;;
	iscsi) ! grep -q LOGGED_IN /sys/class/iscsi_session/session*/state ;;
	esac
}

# readable: can the leg be read?
readable() {
	[[ $(dd if="$leg" bs=4096 count=1 iflag=direct status=none 2>/dev/null | wc -c) == 4096 ]]
}

# connected_once: was the connection never lost?
connected_once() {
	case $PROTOCOL in
	nvme) ! dmesg | grep -E 'nvme nvme[0-9]+: .*(imeout|econnect)' ;;
	nbd) ! dmesg | grep -E 'nbd.*(imed out|hutting down|isconnect|lost)' ;;
	iscsi) ! dmesg | grep -E 'connection[0-9:]+: .*(error|imed out)' ;;
	esac
}

# kill_target: what serves the leg ends without a word.
kill_target() {
	case $PROTOCOL in
	nbd) kill -9 -- "-$(head -n 1 /run/remote-leg/nbd-leg.export)" ;;
	*) unexport_leg ;;
	esac
}

backlog() {
	md write_behind/backlog_writes
}

# drained SECONDS: does the leg come to have all within that time?
drained() {
	wait_for "$1" '[[ $(backlog) == 0 ]]'
}

# waits: how many writes had to wait for the leg until now?
waits() {
	cat /sys/block/md0/md/write_behind/waited_* | paste -sd+ | sed 's/^/echo $((/; s/$/))/' | bash
}

# ahead COUNT COMMAND...: does it end well, though the leg lacks so many writes at some time, and does nobody wait for it?
ahead() {
	local before
	before=$(waits)
	md write_behind/max_backlog_writes 0
	acked "${@:2}" || return
	echo "the leg lacked $(md write_behind/max_backlog_writes) writes, $(($(waits) - before)) waited for it"
	[[ $(md write_behind/max_backlog_writes) -ge $1 && $(waits) == "$before" ]]
}

has_failed() {
	in_state "$leg" faulty
}

# never_failed: is it in the array, and always was?
never_failed() {
	in_sync && ! dmesg | grep -q 'md/raid1wb:.* failed and is disabled'
}

# writes NAME COUNT FROM [OPTION...]: so many writes of 4 KiB, at as many places, from that MiB on; result in /run/NAME.
writes() {
	fio --name="$1" --filename="${target:-/dev/md0}" --rw=randwrite --bs=4k --number_ios="$2" --offset="$3m" \
		--size="$(($2 * 4))k" --direct=1 --ioengine=psync --output-format=json --output="/run/$1" "${@:4}"
}

# latency NAME PERCENTILE: of writes, in us.
latency() {
	jq ".jobs[0].write.clat_ns.percentile[\"$2.000000\"] / 1000 | floor" "/run/$1"
}

# ratio NAME OF: prints how long writes took, and those of another run. For people: nothing depends on it.
ratio() {
	local percentile
	for percentile in 50 99; do
		echo "# $1: p$percentile $(latency "$1" $percentile) us, $2 $(latency "$2" $percentile) us, $(jq -n \
			"$(latency "$1" $percentile) / $(latency "$2" $percentile) * 100 | round / 100") times as long"
	done
}

# the_end: the array stops, and then its legs are equal.
the_end() {
	check "stop" stop
	check "legs are equal" legs_equal /dev/fast $far_disk
	check "detach" remote-leg detach "$PROTOCOL" leg
	check "the disk is gone" wait_for 20 '[[ ! -b $leg || $(blockdev --getsz $leg 2>/dev/null || echo 0) == 0 ]]'
	check "unexport" unexport_leg
}
