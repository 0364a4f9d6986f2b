# shellcheck shell=bash
# For targets and scenarios, in the virtual machine: disks, measurements, records. Sourced after tests/lib.sh.
# shellcheck disable=SC2034,SC2154 # targets and scenarios share variables

# What a scenario may change.
fast_us=50
leg_mib=64
leg_settings=()
kept_mib=''
twins=''
bitmap=internal
chunk_kib=64
write_behind=4096
daemon_s=5

# What a target says.
backlog_of=''
bitmaps=(internal none)

# disk NAME MICROSECONDS: /dev/NAME, a null_blk with that latency, as the scenario wants it.
disk() {
	if [[ $kept_mib ]]; then
		forgetful_disk "$@"
		return
	fi
	deep_null_disk "$1" "$leg_mib" "$2"
	# null_blk takes memory when a place is written first; that is not what we measure.
	must dd if=/dev/zero of="/dev/$1" bs=16M count=$((leg_mib / 16)) oflag=direct conv=fsync status=none
}

# deep_null_disk NAME MIB MICROSECONDS [SETTING]...: takes many requests at a time: latency is what it has, not a limit of
# throughput.
deep_null_disk() {
	null_disk "$1" "$2" "$3" hw_queue_depth=1024 "${leg_settings[@]}" "${@:4}"
	echo none >"/sys/block/$1/queue/scheduler" || die "set-up: the scheduler of $1"
}

# forgetful_disk NAME MICROSECONDS: one that keeps its first $kept_mib MiB only; the rest reads as whatever is in memory.
forgetful_disk() {
	local kept=$((kept_mib * 2048))
	deep_null_disk "$1-kept" "$kept_mib" "$2"
	deep_null_disk "$1-rest" "$leg_mib" "$2" memory_backed=0
	must dmsetup create "$1" <<-END
		0 $kept linear /dev/$1-kept 0
		$kept $((leg_mib * 2048 - kept)) linear /dev/$1-rest $kept
	END
	ln -s "mapper/$1" "/dev/$1"
}

# remove_disk NAME
remove_disk() {
	if [[ -L /dev/$1 ]]; then
		must dmsetup remove "$1"
		rm "/dev/$1"
		remove_null_disk "$1-kept"
		remove_null_disk "$1-rest"
	else
		remove_null_disk "$1"
	fi
}

# cut_disk NAME MIB: into /dev/mapper/NAME-meta of that size and /dev/mapper/NAME-data.
cut_disk() {
	local meta=$(($2 * 2048)) sectors
	sectors=$(blockdev --getsz "/dev/$1") || die "set-up: no $1"
	must dmsetup create "$1-meta" --table "0 $meta linear /dev/$1 0"
	must dmsetup create "$1-data" --table "0 $((sectors - meta)) linear /dev/$1 $meta"
}

# mend_disk NAME: it is cut no more.
mend_disk() {
	must dmsetup remove "$1-meta"
	must dmsetup remove "$1-data"
}

# sync_at_full_speed: md's resync and recovery, whatever else goes on.
sync_at_full_speed() {
	echo 10000000 >/proc/sys/dev/raid/speed_limit_max
	echo 10000000 >/proc/sys/dev/raid/speed_limit_min
}

# slow_disk_leg: /dev/slow, the leg that takes $slow_ms; as fast as the other with twins=yes.
slow_disk_leg() {
	disk slow "$([[ $twins ]] && echo "$fast_us" || echo $((slow_ms * 1000)))"
	backlog_of=slow${kept_mib:+-rest}
}

# sectors_behind: how many were written to the slow leg so far.
sectors_behind() {
	statistic "/dev/${backlog_of%-rest}" 7
}

# align: wait until nothing is behind, the processor has nothing to do, and a full second of virtual time begins.
align() {
	local uptime
	drain
	wait_for 60 rests || die "the processor never rests"
	read -r uptime _ </proc/uptime
	sleep "$(printf '%d.%02d' $((1 - (10#${uptime#*.} > 0))) $(((100 - 10#${uptime#*.}) % 100)))"
}

# rests: has the processor nothing to do, for a while?
rests() {
	local before after
	read -r _ before </proc/uptime
	sleep 0.2
	read -r _ after </proc/uptime
	((10#${after/./} - 10#${before/./} >= 15))
}

# look_behind: sets $behind to how many writes are on their way to the slow leg: those in flight to it, or, if that is more
# (Linux throttles what it takes for writeback), those that md had behind at most since the last look, less what has ended
# if none was added. A target where it is something else defines its own.
look_behind() {
	local most=/sys/block/${device##*/}/md/bitmap/max_backlog_used statistics added=0 rest
	[[ $backlog_of ]] || {
		behind=0
		return
	}
	read -ra statistics <"/sys/block/$backlog_of/stat"
	if [[ -e $most ]]; then
		read -r added <"$most"
		echo 0 >"$most"
	fi
	rest=$((${behind:-0} - statistics[4] + ${ended:-0}))
	behind=${statistics[8]} ended=${statistics[4]}
	((added == 0 || added < behind)) || behind=$added
	((added > 0 || rest < behind)) || behind=$rest
}

# backlog: prints it.
backlog() {
	look_behind && echo "$behind"
}

# drain: wait until nothing is behind.
drain() {
	wait_for 300 '[[ $(backlog) == 0 ]]' || die "$(backlog) writes stay behind"
}

# print_record VARIANT OBJECT...: the objects' members are its own.
print_record() {
	jq -sc --arg variant "$1" --arg target "$target" --arg scenario "$scenario_name" --argjson slow_ms "$slow_ms" \
		--arg boot "$boot" '{$target, $scenario, $variant, $slow_ms, $boot} + add' <<<"${*:2}" >/run/record ||
		die "not JSON: ${*:2}"
	echo "bench: $(</run/record)"
}

# record VARIANT METRICS [PARAMETERS [SERIES]]: print one; the latter are JSON objects.
record() {
	print_record "$1" "{\"parameters\": ${3:-{\}}, \"metrics\": $2}" ${4:+"{\"series\": $4}"}
}

# not_applicable WHY: print that the scenario is impossible with the target.
not_applicable() {
	print_record '' "{\"parameters\": {}, \"metrics\": {}, \"reason\": \"$1\"}"
}

# run_fio [OPTION]...: on $device.
run_fio() {
	fio --name=bench --filename="$device" --direct=1 --eta=never --disk_util=0 --lat_percentiles=1 \
		--output-format=json --output=/run/fio.json "$@" || die "fio $* on $device"
}

# only_json: without what fio says before its report.
only_json() {
	sed -i -n '/^{/,$p' /run/fio.json
}

# fio_record VARIANT [OPTION]...: what fio finds.
fio_record() {
	align
	run_fio "${@:2}"
	record "$1" "$(fio_metrics)" "$(fio_parameters)"
}

# fio_sync_records VARIANT OPTION...: the same of writes and fsyncs, apart.
fio_sync_records() {
	align
	run_fio "${@:2}"
	record "$1 write" "$(fio_metrics)" "$(fio_parameters)"
	record "$1 fsync" "$(fio_sync_metrics)" "$(fio_parameters)"
}

# fio_metrics: of the direction that did most. p50_us and p99_us are of the time from when the request was taken; lat_p50_us
# and lat_p99_us include what the caller waited until it was, which asynchronous callers may have to.
fio_metrics() {
	jq -c '.jobs[0] | [.read, .write] | max_by(.total_ios) | {
		p50_us: (.clat_ns.percentile["50.000000"] / 1000), p99_us: (.clat_ns.percentile["99.000000"] / 1000),
		mean_us: (.clat_ns.mean / 1000), max_us: (.clat_ns.max / 1000),
		lat_p50_us: (.lat_ns.percentile["50.000000"] / 1000), lat_p99_us: (.lat_ns.percentile["99.000000"] / 1000),
		mean_lat_us: (.lat_ns.mean / 1000),
		iops, mib_s: (.bw_bytes / 1048576), ios: .total_ios }' /run/fio.json
}

fio_sync_metrics() {
	jq -c '.jobs[0].sync | {
		p50_us: (.lat_ns.percentile["50.000000"] / 1000), p99_us: (.lat_ns.percentile["99.000000"] / 1000),
		mean_us: (.lat_ns.mean / 1000), max_us: (.lat_ns.max / 1000), ios: .total_ios }' /run/fio.json
}

fio_parameters() {
	jq -c '(."global options" + .jobs[0]."job options")
		| del(.name, .filename, .direct, .eta, .disk_util, .lat_percentiles, .read_iolog, .exec_prerun,
			.exec_postrun)' /run/fio.json
}

# fio_backlog_record VARIANT OPTION...: how the backlog goes while fio runs. Not measured at the same time as latency: looking
# costs time as well.
fio_backlog_record() {
	local sampler
	[[ $backlog_of ]] || return 0
	align
	sample_backlog >/run/samples &
	sampler=$!
	run_fio "${@:2}"
	drain
	sleep 0.1
	kill "$sampler"
	wait "$sampler" || true
	record "$1" '{}' "$(fio_parameters)" "{\"backlog\": $(backlog_series </run/samples)}"
}

# sample_backlog: the time in microseconds and the backlog, every 5 ms.
sample_backlog() {
	mkfifo "/run/never.$BASHPID"
	exec {never}<>"/run/never.$BASHPID"
	while look_behind; do
		echo "${EPOCHREALTIME/./} $behind"
		read -rt 0.005 -u "$never"
	done
}

# backlog_series: at most 500 samples as JSON pairs, from the last 0 before the begin to the first 0 after the end; where
# there were more, the greatest of each group.
backlog_series() {
	jq -Rnc '[inputs / " " | map(tonumber)]
		| ([range(length) as $i | select(.[$i][1] > 0) | $i]) as $busy
		| if $busy == [] then [[0, 0]] else .[([$busy[0] - 1, 0] | max):$busy[-1] + 2] end
		| .[0][0] as $begin | ((length + 499) / 500 | floor) as $group
		| [range(0; length; $group) as $i | .[$i:$i + $group] | [(.[0][0] - $begin) / 1000, (map(.[1]) | max)]]'
}

# scattered NAME COUNT BLOCKS [SYNC]: a log /run/NAME for fio's --read_iolog that writes 4 KiB at each of BLOCKS of each of
# COUNT chunks of 64 KiB of $device, in an order that is random but always the same; each followed by SYNC (sync or datasync).
scattered() {
	local block
	{
		printf '%s\n' "fio version 2 iolog" "$device add" "$device open"
		for block in $3; do
			seq "$((block * 4096))" 65536 $((($2 - 1) * 65536 + block * 4096))
		done | shuf --random-source=<(yes scattered) | awk -v device="$device" -v sync="${4:-}" '{
			print device, "write", $1, 4096
			if (sync) print device, sync, 0, 0
		}'
		echo "$device close"
	} >"/run/$1"
}

# make_dirty COUNT: write to block 15 of that many chunks, quickly: for the next five seconds their bits are set.
make_dirty() {
	scattered dirty "$1" 15
	run_fio --rw=write --bs=4k --read_iolog=/run/dirty --ioengine=libaio --iodepth=256
}
