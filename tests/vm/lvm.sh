#!/bin/bash
# vm: --icount --timeout 1200 --file /usr/sbin/lvm:/usr/sbin/lvm
# vm: --file /usr/lib/x86_64-linux-gnu/libdevmapper-event.so.1.02.1:/usr/lib/x86_64-linux-gnu/libdevmapper-event.so.1.02.1
# vm: --file /usr/lib/x86_64-linux-gnu/libedit.so.2:/usr/lib/x86_64-linux-gnu/libedit.so.2
# vm: --file /usr/lib/x86_64-linux-gnu/libaio.so.1:/usr/lib/x86_64-linux-gnu/libaio.so.1
# vm: --file /usr/lib/x86_64-linux-gnu/libbsd.so.0:/usr/lib/x86_64-linux-gnu/libbsd.so.0
# vm: --file /usr/lib/x86_64-linux-gnu/libmd.so.0:/usr/lib/x86_64-linux-gnu/libmd.so.0
# vm: --file /usr/lib/x86_64-linux-gnu/libtinfo.so.6:/usr/lib/x86_64-linux-gnu/libtinfo.so.6
# LVM's mirrors (dm-raid, segment type raid1) run on our personality: what lvcreate, lvconvert, lvchange, lvextend make of them.
. /tests/lib.sh
. /tests/array.sh

lv=/dev/vg/m
module=md_raid1wb
ours || module=raid1

# lvm_do COMMAND...: quietly, and never asking.
lvm_do() {
	lvm "$1" -qq -y "${@:2}"
}

# field NAME: of the mirror.
field() {
	lvm lvs --noheadings -o "$1" vg/m 2>/dev/null | tr -d ' '
}

# settled: all images are in sync, and nothing is going on?
settled() {
	[[ $(field sync_percent) == 100.00 && $(field raid_sync_action) == idle ]]
}

become_settled() {
	wait_for 60 settled
}

# scrubbed ACTION: runs check or repair to its end; prints how many sectors differed.
scrubbed() {
	lvm_do lvchange --syncaction "$1" vg/m && wait_for 60 settled && field raid_mismatch_count
}

# image N: the device of an image.
image() {
	echo "/dev/mapper/vg-m_rimage_$1"
}

# images_equal N M
images_equal() {
	same_data "$(image "$1")" "$(image "$2")" "$(blockdev --getsz $lv)" 0 || {
		cmp "$(image "$1")" "$(image "$2")"
		return 1
	}
}

# health: of each image, as dm-raid sees it: A in sync, a not yet, D dead.
health() {
	dmsetup status vg-m | awk '{ print $6 }'
}

verify() {
	fio_verify --filename=$lv --size=16m --number_ios=300 "$@"
}

# break_leg NAME: all I/O fails from now on.
break_leg() {
	reload "$1" "0 $(blockdev --getsz "/dev/mapper/$1") error"
}

# on DISK: which image of the mirror lies there?
on() {
	lvm lvs -a --noheadings -o name,devices vg | sed -n "s/.*m_rimage_\([0-9]\).* .*\/$1(.*/\1/p"
}

in_use() {
	(($(<"/sys/module/$module/refcnt") == $1))
}

# asleep_at META: does the copy of the bitmap there sleep?
asleep_at() {
	blockdev --flushbufs "$1" && [[ $(od -An -tu8 -j 4120 -N 8 "$1") -eq 9223372036854775807 ]]
}

# goes_behind META: what is written to $lv from now on; the slow disk is left without it, and its copy of the bitmap is at META.
goes_behind() {
	check "the slow disk's bitmap sleeps" wait_for 10 "asleep_at $1"
	close_leg c
	check "writes do not wait for the slow disk" eval 'acked put late 9 $lv && acked put late 3000 $lv'
	check "one is held up there" [ "$(held_up c)" -ge 1 ]
	check "reads see them" eval 'has late 9 $lv && has late 3000 $lv'
}

load_raid1
must modprobe dm-raid
fast_sync
mkdir -p /etc/lvm
cat >/etc/lvm/lvm.conf <<-'END'
	devices { use_devicesfile = 0 scan_lvs = 0 types = [ "nullb", 16 ]
		global_filter = [ "a|^/dev/[ad]$|", "a|^/dev/mapper/[bc]$|", "r|.*|" ] }
	activation { udev_sync = 0 udev_rules = 0 verify_udev_operations = 0 monitoring = 0 }
	global { use_lvmpolld = 0 event_activation = 0 }
	backup { backup = 0 archive = 0 }
END
null_disk a 80 0
cut_leg b 80
slow_leg c 80
open_leg c
null_disk d 80 0
must lvm_do vgcreate -s 1m vg /dev/a /dev/mapper/b /dev/mapper/c /dev/d

# ---- create, write, scrub ----

check "create" lvm_do lvcreate --type raid1 -m 1 -L 32m -R 64k -n m vg /dev/a /dev/mapper/b || die "no mirror"
check "it is ours" in_use 1
check "write while it is synced" verify
check "it gets in sync" become_settled
check "images are equal" images_equal 0 1
check "check finds nothing" eval '[[ $(scrubbed check) == 0 ]]'
put other 1000 "$(image 1)"
check "check finds what differs" eval '(($(scrubbed check) > 0))'
check "repair" eval 'scrubbed repair >/dev/null && [[ $(scrubbed check) == 0 ]]'
check "images are equal" images_equal 0 1
check "suspend and resume" eval 'dmsetup suspend vg-m && dmsetup resume vg-m && put one 5 $lv'
check "deactivate and activate" eval 'lvm_do lvchange -an vg/m && lvm_do lvchange -ay vg/m && has one 5 $lv'
check "it needs no resync" settled

# ---- write-behind ----

check "an image on the slow disk" lvm_do lvconvert --replace /dev/mapper/b vg/m /dev/mapper/c
check "it gets in sync" become_settled
check "images are equal" images_equal 0 1
check "write-mostly" lvm_do lvchange --writemostly /dev/mapper/c:y vg/m
check "write-behind" lvm_do lvchange --writebehind 512 vg/m
check "LVM says so" eval '[[ $(field raid_write_behind) == 512 && $(lvm lvs -a --noheadings -o attr vg/m_rimage_1) == *w* ]]'
check "it is active" settled
check "write" put early 9 $lv
if ours; then
	goes_behind /dev/mapper/vg-m_rmeta_1
	open_leg c
	check "suspend waits for them" eval 'acked dmsetup suspend vg-m && has late 9 "$(image 1)" && has late 3000 "$(image 1)"'
	check "resume" dmsetup resume vg-m
fi
check "write and verify" verify
check "check finds nothing" eval '[[ $(scrubbed check) == 0 ]]'
check "images are equal" images_equal 0 1
check "no write-behind" lvm_do lvchange --writebehind 0 vg/m
check "not write-mostly" lvm_do lvchange --writemostly /dev/mapper/c:n vg/m
check "write and verify" verify

# ---- images fail ----

check "an image on the disk that will break" lvm_do lvconvert --replace /dev/mapper/c vg/m /dev/mapper/b
check "it gets in sync" become_settled
broken=$(on b)
break_leg b
check "writes go on when a disk breaks" put two 2000 $lv
check "its image is dead" eval '[[ $(health) == *D* ]]'
check "writes go on" put three 3000 $lv
mend b b-disk
check "refresh takes it back" lvm_do lvchange --refresh vg/m
check "it gets in sync" become_settled
check "images are equal" images_equal 0 1
check "it has what it missed" has three 3000 "$(image "$broken")"
break_leg b
check "writes go on when a disk breaks" put four 2001 $lv
check "repair" lvm_do lvconvert --repair vg/m
check "it gets in sync" become_settled
check "all images are well" eval '[[ $(health) == AA ]]'
check "images are equal" images_equal 0 1
check "the data is there" eval 'has two 2000 $lv && has three 3000 $lv && has four 2001 $lv'
mend b b-disk
lvm_do vgextend --restoremissing vg /dev/mapper/b >/dev/null 2>&1

# ---- another shape ----

check "more images" lvm_do lvconvert -m 2 vg/m
check "write while it is synced" verify
check "it gets in sync" become_settled
check "images are equal" eval 'images_equal 0 1 && images_equal 0 2'
check "fewer images" lvm_do lvconvert -m 1 vg/m
check "write and verify" verify
check "images are equal" images_equal 0 1
check "grow" lvm_do lvextend -L 48m vg/m
check "write at the end" put end 12287 $lv
check "it gets in sync" become_settled
check "images are equal" images_equal 0 1
check "another region size" lvm_do lvconvert -R 128k vg/m
check "write and verify" verify
check "shrink" lvm_do lvreduce -f -L 32m vg/m
check "write and verify" verify
check "split an image off, to be tracked" lvm_do lvconvert --splitmirrors 1 --trackchanges vg/m
check "write meanwhile" put five 4000 $lv
split=$(lvm lvs --noheadings -o name vg | grep -o 'm_rimage_[0-9]')
check "merge it" lvm_do lvconvert --merge "vg/$split"
check "it gets in sync" become_settled
check "images are equal" images_equal 0 1
check "one image: a plain volume" eval 'lvm_do lvconvert -m 0 vg/m && has five 4000 $lv'
check "nobody uses the module" wait_for 10 'in_use 0'
check "a mirror again" lvm_do lvconvert --type raid1 -m 1 vg/m
check "it gets in sync" become_settled
check "images are equal" images_equal 0 1
put six 4001 $lv

# ---- the other module ----

if ours; then
	check "deactivate" lvm_do vgchange -an vg
	check "our module unloads" unload_raid1
	must modprobe raid1
	check "the kernel's raid1 runs it" eval 'lvm_do vgchange -ay vg && has six 4001 $lv'
	check "it needs no resync" settled
	check "it writes" put seven 4002 $lv
	check "deactivate" lvm_do vgchange -an vg
	must rmmod raid1
	load_raid1
	check "and back" eval 'lvm_do vgchange -ay vg && has seven 4002 $lv'
	check "it is ours" in_use 1
	check "it needs no resync" settled
	check "check finds nothing" eval '[[ $(scrubbed check) == 0 ]]'
fi
check "remove" lvm_do lvremove vg/m
must lvm_do vgremove vg

# ---- write-behind from the start ----

# The same without LVM, whose table comes when the mirror has a bitmap.
part() {
	must dmsetup create "$1" --table "0 $2 linear $3 $4"
}

status() {
	dmsetup status behind
}

lv=/dev/mapper/behind
part fast-meta 2048 /dev/a 0
part fast-data 65536 /dev/a 2048
part slow-meta 2048 /dev/mapper/c 2048
part slow-data 65536 /dev/mapper/c 4096
# Nothing is synced: they have to be equal.
for disk in fast slow; do
	must dd if=/dev/zero of=/dev/mapper/$disk-meta bs=1M count=1 oflag=direct status=none
	must dd if=/dev/zero of=/dev/mapper/$disk-data bs=1M count=32 oflag=direct status=none
done
check "write-behind: create" dmsetup create behind --table "0 65536 raid raid1 8 0 nosync region_size 128 write_mostly 1 \
	max_write_behind 512 2 /dev/mapper/fast-meta /dev/mapper/fast-data /dev/mapper/slow-meta /dev/mapper/slow-data" || die "no mirror"
# The target halves the number, believing it to be sectors.
check "write-behind: it is there" grep -q ' max_write_behind 256 ' <(dmsetup table behind)
check "write-behind: members are in sync" wait_for 10 '[[ $(status) == *" AA 65536/65536 idle "* ]]'
check "write" put early 9 $lv
if ours; then
	goes_behind /dev/mapper/slow-meta
	check "the slow disk lacks them" no has late 3000 /dev/mapper/c-base 4096
	background dmsetup suspend behind
	check "suspend does not end without them" eval '! ends 3 $job && running $job'
	open_leg c
	check "it ends with them" ends 30 "$job"
	check "the slow disk has them" eval 'has late 9 /dev/mapper/slow-data && has late 3000 /dev/mapper/slow-data'
	check "resume" dmsetup resume behind
fi
check "write and verify" verify
check "stop" wait_for 30 'dmsetup remove behind 2>/dev/null'
# with the kernel's raid1, overlapping writes may have reached the slow one in another order
! ours || check "legs are equal" same_data /dev/mapper/fast-data /dev/mapper/slow-data 65536 0
check "nobody uses the module" wait_for 10 'in_use 0'
check "it unloads" unload_raid1
