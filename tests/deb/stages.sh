# shellcheck shell=bash
# What is so in the machines of life.sh, stage by stage.

no() {
	! "$@"
}

loaded() {
	[[ -d /sys/module/$1 ]]
}

# array NAME: md0, or whatever udev has called it.
array() {
	local array
	for array in /sys/block/md*; do
		! mdadm --detail --export "/dev/${array##*/}" | grep -q "^MD_NAME=.*:$1\$" || { echo "${array##*/}" && return; }
	done
	echo "no-$1"
}

root_device() {
	basename "$(readlink -f "$(findmnt -no SOURCE /)")"
}

# there: the other array, with both members.
there() {
	[[ -b /dev/$(array data) && $(<"/sys/block/$(array data)/md/degraded") == 0 ]]
}

# runs_on PERSONALITY: both arrays, with both members each.
runs_on() {
	local name
	for name in root data; do
		[[ $(<"/sys/block/$(array $name)/md/degraded") == 0 ]] || { cat /proc/mdstat && return 1; }
		case $1 in
		ours) [[ -d /sys/block/$(array $name)/md/write_behind ]] ;;
		raid1) [[ ! -d /sys/block/$(array $name)/md/write_behind ]] ;;
		esac || return
	done
}

# wbstat_shows PERSONALITY
wbstat_shows() {
	if [[ $1 == ours ]]; then
		wbstat | grep "^$(array root): .*, 2 of 2 members, backlog" && wbstat --check
	else
		[[ $(wbstat) == "raid1wb is not loaded" ]]
	fi
}

personality() {
	check "/ is on an array" [ "$(root_device)" = "$(array root)" ]
	check "udev assembles the other array" wait_for 600 there
	check "both run on $1" runs_on "$1"
	if [[ $1 == ours ]]; then
		check "raid1wb is loaded" loaded md_raid1wb
		check "the kernel's raid1 is not" no loaded raid1
		check "the kernel's log says so" grep "md/raid1wb:$(array root):" <(dmesg)
	else
		check "the kernel's raid1 is loaded" loaded raid1
		check "raid1wb is not" no loaded md_raid1wb
	fi
	check "wbstat shows as much" wbstat_shows "$1"
}

# reassembled PERSONALITY: stopped, and assembled by udev once more.
reassembled() {
	mdadm --stop "/dev/$(array data)" && udevadm settle --timeout=900 &&
		udevadm trigger --action=add --subsystem-match=block && wait_for 900 there && runs_on "$1"
}

remember() {
	dd if=/dev/urandom of=/root/data bs=64k count=64 conv=fsync status=none && sha256sum /root/data >/root/data.sum && sync
}

remembered() {
	sha256sum -c /root/data.sum
}

# behind ARRAY: have writes gone behind?
behind() {
	(($(<"/sys/block/$1/md/write_behind/behind_writes") > 0))
}

first() {
	personality ours
	check "udev assembles once more" reassembled ours
	check "a file is written" remember
	check "it went behind" behind "$(array root)"
}

# The kernel does not know DKMS's key, and insists on one that it knows.
unsigned() {
	check "the module was refused" grep 'module with unavailable key is rejected' <(dmesg)
	on_raid1
}

blacklisted() {
	check "the module was refused" grep 'Module md_raid1wb is blacklisted' <(dmesg)
	on_raid1
}

# What the kernel's raid1 found when it was its turn.
on_raid1() {
	personality raid1
	check "the file is there" remembered
	check "udev assembles once more" reassembled raid1
}

updated() {
	personality ours
	check "a file is written" remember
	check "the package is purged, and says what runs" grep "on the kernel's raid1 from the next boot on" <(dpkg --purge raid1wb-dkms 2>&1)
	check "arrays still run on ours" runs_on ours
	check "nothing is left" no ls -d /var/lib/raid1wb /var/lib/dkms/raid1wb /usr/src/raid1wb-* /lib/modprobe.d/raid1wb.conf
	check "nothing is left for kernels" no grep . <(find /lib/modules -name '*raid1wb*')
}

removed() {
	on_raid1
	check "the tools are purged" dpkg --purge raid1wb-tools
	check "nothing is left of them" no command -v wbstat
}
