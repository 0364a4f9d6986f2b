#!/bin/bash
# fio: random writes that it verifies, writes that overlap, synchronous ones, buffered ones.
. /tests/lib.sh
. /tests/array.sh
. /tests/lab.sh

member 1 write-delay 10ms..30ms
create_behind max
check "random writes, verified" fio_verify --size=6m --rate_iops=150
phase verified
check "writes with fsync" fio --name=sync --filename=/dev/md0 --ioengine=libaio --iodepth=8 --direct=1 --rw=randwrite \
	--bsrange=4k-64k --size=12m --io_size=4m --fsync=8 --rate_iops=150
phase writes with fsync ended
check "overlapping writes" fio --name=overlap --filename=/dev/md0 --ioengine=libaio --iodepth=16 --direct=1 --rw=randwrite \
	--norandommap --bsrange=1k-64k --size=512k --io_size=3m --fsync=32 --rate_iops=150
phase overlapping writes ended
check "buffered writes" fio --name=buffered --filename=/dev/md0 --ioengine=psync --rw=randrw --bsrange=1k-16k --size=12m \
	--io_size=3m --fdatasync=32 --rate_iops=200
check "stop" stop
phase stopped
