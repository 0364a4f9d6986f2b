# shellcheck shell=bash
# vm: --icount --timeout 1200
# S4: one 4 KiB write every 400 ms: each to a clean chunk, and all to one block.

scenario() {
	local options=(--rw=write --bs=4k --ioengine=psync --thinktime=400ms)
	scattered clean 100 0
	fio_record clean "${options[@]}" --read_iolog=/run/clean
	fio_record same "${options[@]}" --size=4k --io_size=400k
}
