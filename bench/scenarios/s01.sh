# shellcheck shell=bash
# vm: --icount --timeout 1200
# S1: 4 KiB writes at random, each to another chunk: to clean ones, and to dirty ones.

scenario() {
	local options=(--rw=write --bs=4k --ioengine=psync)
	scattered clean 1000 0
	fio_record clean "${options[@]}" --read_iolog=/run/clean
	make_dirty 1000
	scattered again 1000 "4 8 12"
	fio_record dirty "${options[@]}" --read_iolog=/run/again
}
