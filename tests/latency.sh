# shellcheck shell=bash
# What a 4 KiB write costs when the slow leg takes 20 ms for each.
# shellcheck disable=SC2034 # the numbers are for those who source us

# write_latency DEVICE OFFSET: writes 4 KiB at OFFSET of each of the first 300 chunks of 64 KiB, one at a time; prints the
# median and the 99th percentile of fio's completion latency in microseconds.
write_latency() {
	fio --name=write --filename="$1" --offset="$2" --rw=write:60k --bs=4k --number_ios=300 --direct=1 \
		--ioengine=psync --output-format=json --output=/dev/shm/fio || return
	# not in a pipe: it would run beside fio, on the only processor
	jq -r '.jobs[0].write.clat_ns.percentile | .["50.000000"], .["99.000000"] | . / 1000 | round' /dev/shm/fio | xargs
}

# measure_latency: sets $alone, $clean and $dirty to the latencies of the fast device alone, and of a mirror of it and of a
# slow one when it writes to clean chunks, and to dirty ones.
measure_latency() {
	null_disk fast 64 50
	null_disk slow 64 20000
	# null_blk takes memory when a place is written first; that is not what we measure.
	must dd if=/dev/zero of=/dev/fast bs=1M count=64 oflag=direct status=none
	must dd if=/dev/zero of=/dev/slow bs=16M count=4 oflag=direct status=none
	alone=$(write_latency /dev/fast 0)
	create_mirror /dev/fast /dev/slow
	wait_for 60 '[[ $(dirty_bits /dev/fast) == 0 ]]' || die "latency: the bits of a new array stay set"
	clean=$(write_latency /dev/md0 0)
	dirty=$(write_latency /dev/md0 32k)
	must mdadm --quiet --stop /dev/md0
	remove_null_disk fast
	remove_null_disk slow
}
