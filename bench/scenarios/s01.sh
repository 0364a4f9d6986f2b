# shellcheck shell=bash
# vm: --icount --timeout 900
# S1: 4 KiB writes at random, each to a chunk that is clean.

scenario() {
	scattered_writes 500 /run/log
	fio_record clean --rw=write --bs=4k --read_iolog=/run/log --ioengine=psync
}
