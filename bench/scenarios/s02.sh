# shellcheck shell=bash disable=SC2034
# vm: --icount --timeout 1200
# S2: 4 KiB writes at random with an fsync after each; members have a volatile cache, and a flush takes as long as a write.

# Large, so that nothing is evicted.
leg_settings=(cache_size=256)

scenario() {
	local options=(--rw=write --bs=4k --ioengine=psync)
	scattered clean 500 0 sync
	fio_sync_records clean "${options[@]}" --read_iolog=/run/clean
	make_dirty 500
	scattered again 500 "4 8 12" sync
	fio_sync_records dirty "${options[@]}" --read_iolog=/run/again
	make_dirty 500
	scattered third 500 6 sync
	fio_backlog_record backlog "${options[@]}" --read_iolog=/run/third
}
