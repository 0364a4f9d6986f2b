#!/bin/bash
# shellcheck disable=SC2153,SC2154
# The life of a machine with the packages: installed, booted from an array, updated, removed. FIRST and NEXT are folders with
# packages, ROOT is scripts/deb-root's folder; the kernel's logs go to LOGS.
#
# What compiles, installation and updates, happens in a chroot: emulated processors would take long. Then the machine is
# written to an array of two members and booted from it, by Debian's kernel and the initramfs that the packages have made.
# The removal happens in the running machine.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../../scripts/common.sh"

mib=3072
uuid=6d697272-6f72-4d69-b272-6f72206f6620
# Next to the logs: what a killed run leaves goes when the next one begins.
work=$LOGS/work
tree=$work/tree
trap 'rm -rf --one-file-system "$work"; finish' EXIT
# No file, be it a disk or what a machine says for ever, grows beyond 4 GiB.
ulimit -f $((4 << 20))

# inside COMMAND...: in the tree, with a /proc, /sys and /dev that nobody else sees.
inside() {
	# shellcheck disable=SC2016 # expanded there
	unshare --mount --propagation private bash -c 'set -e
		mount -t proc proc "$1/proc"
		mount -t sysfs sysfs "$1/sys"
		mount --bind /dev "$1/dev"
		exec chroot "$@"' inside "$tree" env -i PATH="$PATH" HOME=/root LANG=C DEBIAN_FRONTEND=noninteractive "$@" </dev/null
}

# install_packages PACKAGE...: by name, or a file's.
install_packages() {
	inside apt-get -qy --no-install-recommends install "$@"
}

# install_ours FOLDER: the packages that are there.
install_ours() {
	local packages
	mapfile -t packages < <(find "$1" -name 'raid1wb-*_*.deb' ! -name '*-dbgsym_*' -printf '/root/%f\n')
	cp "${packages[@]/#\/root/$1}" "$tree/root/" && install_packages "${packages[@]}"
}

releases() {
	inside sh -c 'cd /lib/modules && ls -d 6.12.*' | sort -V
}

# has_module RELEASE: for itself, signed, and in its initramfs, with all that it takes to choose it.
has_module() {
	inside dkms status -m raid1wb -k "$1" | grep 'installed$' &&
		inside modinfo -k "$1" -F signer md-raid1wb | grep 'DKMS module signing key' &&
		inside lsinitramfs "/boot/initrd.img-$1" >"$work/files" &&
		grep updates/dkms/md-raid1wb.ko "$work/files" && grep modprobe.d/raid1wb.conf "$work/files"
}

# installed VERSION RELEASE
installed() {
	inside dkms status | grep -F "raid1wb/$1, $2, " | grep 'installed$'
}

# says TEXT COMMAND...: it succeeds and says that.
says() {
	local status=0
	"${@:2}" >"$work/said" 2>&1 || status=$?
	((status == 0)) && grep -F "$1" "$work/said" && return
	cat "$work/said"
	return 1
}

# lacks_module RELEASE: and its initramfs does, which has the kernel's raid1.
lacks_module() {
	! inside modinfo -k "$1" md-raid1wb && inside lsinitramfs "/boot/initrd.img-$1" >"$work/files" &&
		grep drivers/md/raid1.ko "$work/files" && no grep md-raid1wb "$work/files"
}

no() {
	! "$@"
}

# configured: there is nothing half installed.
configured() {
	no grep . <(inside dpkg --audit)
}

# be_patient: the initramfs, built from now on, waits long for its root, and mdadm for missing members, where all is slow.
# With rootdelay= it would, too, but always sleep as long as that first.
be_patient() {
	local script=$tree/etc/initramfs-tools/scripts/local-top/patience
	cat >"$script" <<-'END' && chmod +x "$script"
		#!/bin/sh
		[ "$1" = prereqs ] || echo ROOTDELAY=600 >>/conf/param.conf
	END
}

# write_machine: two arrays from the tree: the root's, and another one. Each has a member that is write-mostly.
write_machine() {
	rm -rf "$tree/tests"
	cp -r "$top/tests" "$tree/tests"
	cat >"$tree/etc/systemd/system/life.service" <<-'END'
		[Service]
		Type=oneshot
		ExecStart=/tests/deb/machine
		[Install]
		WantedBy=multi-user.target
	END
	echo "UUID=$uuid / ext4 defaults 0 0" >"$tree/etc/fstab"
	echo mirror >"$tree/etc/hostname"
	inside systemctl -q enable life.service || return
	rm -rf "$work"/disk?
	truncate -s "${mib}M" "$work/disk0"
	truncate -s 64M "$work/disk2" "$work/disk3"
	# Where mdadm will put the data.
	mke2fs -q -t ext4 -U $uuid -E offset=1048576 -d "$tree" "$work/disk0" "$((mib - 2))M" &&
		cp --sparse=always "$work/disk0" "$work/disk1" || return
	# shellcheck disable=SC2016 # expanded there
	R1WB_MODULE='' "$top/scripts/vm" --disk "$work/disk0" --disk "$work/disk1" --disk "$work/disk2" --disk "$work/disk3" -c '
		create() {
			mdadm --create "$1" --run --name="$2" --homehost=mirror --level=1 --raid-devices=2 --assume-clean \
				--data-offset=1M --bitmap=internal --write-behind=256 "$3" --write-mostly "$4"
		}
		modprobe raid1 && create /dev/md0 root /dev/vda /dev/vdb && create /dev/md1 data /dev/vdc /dev/vdd &&
			mdadm --stop --scan'
}

# from_root FILE TO: a file of the machine's root.
from_root() {
	debugfs -R "dump $1 $2" "$work/disk0?offset=1048576" 2>&1 && [[ -s $2 ]]
}

# boot STAGE RELEASE [APPEND]: what /tests/deb/machine finds then are cases of ours.
boot() {
	local log=$LOGS/$1.log arguments=() line i
	check "$1: there is a kernel" from_root "/boot/vmlinuz-$2" "$work/kernel" || return
	check "$1: there is an initramfs" from_root "/boot/initrd.img-$2" "$work/initrd" || return
	for i in 0 1 2 3; do
		arguments+=(-drive "if=none,id=disk$i,format=raw,cache=unsafe,file=$work/disk$i"
			-device "virtio-blk-pci,drive=disk$i,serial=disk$i")
	done
	if "$top/scripts/kvm-works" "$work/kernel"; then
		arguments+=(-accel kvm -cpu host)
	else
		arguments+=(-accel tcg -cpu max)
	fi
	# As in scripts/vm; and nothing that waits for what is slow here gives up.
	line="root=UUID=$uuid rw console=ttyS0 quiet systemd.show_status=0 panic=-1 oops=panic tsc=reliable no_timer_check"
	line+=" mitigations=off audit=0 apparmor=0 cryptomgr.notests watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=120"
	line+=" systemd.default_timeout_start_sec=900 life.stage=$1 ${3:-}"
	setpriv --pdeathsig KILL timeout --foreground 3600 setpriv --pdeathsig KILL qemu-system-x86_64 -M pc -m 1G -smp 2 -nodefaults -no-user-config \
		-display none -no-reboot -kernel "$work/kernel" -initrd "$work/initrd" "${arguments[@]}" -append "$line" \
		-serial "file:$log" -serial "file:$work/output" </dev/null || true
	cat "$work/output"
	cases=$((cases + $(grep -c '^ok ' "$work/output")))
	failures=$((failures + $(grep -c '^not ok ' "$work/output")))
	grep -q "^end of $1" "$work/output" || { not_ok "$1: the machine came to its end" && tail -n 40 "$log"; }
	check "$1: the kernel's log is clean" "$top/scripts/splats" "$log"
}

must mkdir -p "$tree"
must tar -xf "$ROOT/root.tar.zst" -C "$tree"
must be_patient
old=$(releases)

first=$(basename "$FIRST")
next=$(basename "$NEXT")

check "installed" install_ours "$FIRST"
check "$old has the module" has_module "$old"
check "nothing is half installed" configured
check "wbstat has its man page" inside test -s /usr/share/man/man8/wbstat.8.gz
check "a machine on arrays" write_machine
boot first "$old"
boot unsigned "$old" module.sig_enforce=1
boot blacklisted "$old" module_blacklist=md_raid1wb

# A kernel of another series, and dkms's own hook: neither fails, for the kernel's installation would fail with it.
must mkdir "$tree/lib/modules/6.1.0-0-test"
must ln -s "../$old/build" "$tree/lib/modules/6.1.0-0-test/build"
check "kernels of other series are left alone, in words" grep -q '6.1.0-0-test keeps its own raid1: raid1wb is for kernels' \
	<(inside dkms build -m raid1wb -v "$first" -k 6.1.0-0-test 2>&1)
check "... and can be installed" inside /etc/kernel/postinst.d/dkms 6.1.0-0-test
must rm -r "$tree/lib/modules/6.1.0-0-test"

# The new kernel comes piece by piece: it is installed, on its own raid1, until the last piece's coming builds the module.
must cp "$ROOT"/debs/*.deb "$tree/var/cache/apt/archives/"
read -ra update <"$tree/root/update"
check "a new kernel without its headers is installed" says "install ${update[1]}" install_packages "${update[0]}"
new=$(releases | tail -n 1)
check "... has no module" lacks_module "$new"
check "... nothing is half installed" configured
# By itself, apt updates what is of the same source package with them.
must inside apt-mark hold "${update[2]%=*}"
check "its headers without its source are installed" says "install ${update[2]}" install_packages "${update[1]}"
check "... it has no module" lacks_module "$new"
check "... nothing is half installed" configured
must inside apt-mark unhold "${update[2]%=*}"
check "when the source comes" install_packages "${update[2]}"
check "... the new kernel has the module" has_module "$new"
check "... the old one still has it" has_module "$old"

# The same all at once, as apt upgrade does it. For that, the new kernel goes again.
check "the new kernel is removed" inside apt-get -qy purge "${update[@]:0:2}"
check "... its module with it" no ls -d "$tree/lib/modules/$new"
check "... dkms has forgotten it" no grep "$new" <(inside dkms status)
check "... the old one still has its module" has_module "$old"
must inside dpkg --force-depends --remove "${update[2]%=*}"
must rm -r "$tree"/var/lib/raid1wb/md-headers/"${update[2]#*=}"
check "a new kernel is installed at once" install_packages "${update[@]}"
check "... it has the module" has_module "$new"
check "... nothing is half installed" configured
must inside apt-get clean

# The source of the old kernel is not installed any more: md's headers of it were kept. These are wrong now, and the package says so.
kept=$(cd "$tree/var/lib/raid1wb/md-headers" && printf '%s\n' * | grep -vxF "${update[2]#*=}")
must cp "$tree/var/lib/raid1wb/md-headers/$kept/md.h" "$work/md.h"
must sed -i 's/^struct mddev {/&\n\tvoid *nobody_knows_this;/' "$tree/var/lib/raid1wb/md-headers/$kept/md.h"
check "a package whose structs differ from the kernel's is not installed" no eval 'install_ours "$NEXT" >"$work/output" 2>&1'
check "... it says why" grep "not as in the kernel's md-mod: mddev;" "$work/output"
check "... $old has no module" no inside modinfo -k "$old" md-raid1wb
check "... $new has the update's" installed "$next" "$new"
must cp "$work/md.h" "$tree/var/lib/raid1wb/md-headers/$kept/md.h"
check "with the right ones it is" inside dpkg --configure -a
for release in "$old" "$new"; do
	check "$release has the module of the update" installed "$next" "$release"
	check "... in its initramfs, too" has_module "$release"
done
check "nothing is half installed after the updates" configured

check "the updated machine on arrays" write_machine
boot updated "$new"
boot removed "$new"
from_root "/boot/initrd.img-$old" "$work/initrd" >/dev/null
check "the old kernel's initramfs lacks the module, too" no grep raid1wb <(lsinitramfs "$work/initrd")
