# shellcheck shell=bash disable=SC2034
# vm: --icount --timeout 2400
# S5: 1 MiB sequential writes, 8 at a time, over chunks that are clean.

leg_mib=288
# The data is forgotten: a disk does not take the processor's time to copy it.
kept_mib=16

scenario() {
	local options=(--rw=write --bs=1m --size=128m --ioengine=libaio --iodepth=8)
	fio_record clean "${options[@]}" --offset=16m
	fio_backlog_record backlog "${options[@]}" --offset=152m
}
