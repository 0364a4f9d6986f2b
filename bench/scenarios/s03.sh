# shellcheck shell=bash
# vm: --icount --timeout 1200
# S3: 4 KiB writes again and again to the same 64 KiB.

scenario() {
	local options=(--rw=randwrite --norandommap --bs=4k --size=64k --io_size=4000k)
	fio_record qd1 "${options[@]}" --ioengine=psync
	fio_record qd4 "${options[@]}" --ioengine=libaio --iodepth=4
	fio_backlog_record backlog "${options[@]}" --ioengine=libaio --iodepth=4
}
