# shellcheck shell=bash
# For targets and scenarios, in the virtual machine: disks, measurements, records. Sourced after tests/lib.sh.
# shellcheck disable=SC2034,SC2154 # targets and scenarios share variables

# What a scenario may change.
fast_us=50
leg_mib=64
leg_settings=()
disks_are_filled=yes
twins=''
bitmap=internal

# disk NAME MICROSECONDS: /dev/NAME, a null_blk with that latency, as the scenario wants it.
disk() {
	null_disk "$1" "$leg_mib" 0 "${leg_settings[@]}" memory_backed="$([[ $disks_are_filled == yes ]] && echo 1 || echo 0)" \
		completion_nsec="$2"000
	# null_blk takes memory when a place is written first; that is not what we measure.
	[[ $disks_are_filled != yes ]] ||
		must dd if=/dev/zero of="/dev/$1" bs=16M count=$((leg_mib / 16)) oflag=direct status=none
}

# slow_disk_leg: /dev/slow, the leg that takes $slow_ms; as fast as the other with twins=yes.
slow_disk_leg() {
	disk slow "$([[ $twins ]] && echo "$fast_us" || echo $((slow_ms * 1000)))"
	backlog_of=slow
}

# align: wait until a full second of virtual time begins.
align() {
	local uptime
	read -r uptime _ </proc/uptime
	sleep "$((1 + (100 - 10#${uptime#*.}) / 100)).$(printf %02d $(((100 - 10#${uptime#*.}) % 100)))"
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

# fio_record VARIANT [OPTION]...: what fio finds on $device.
fio_record() {
	align
	must fio --name=bench --filename="$device" --direct=1 --output-format=json --output=/run/fio.json "${@:2}"
	record "$1" "$(fio_metrics)" "$(fio_parameters)"
}

# fio_metrics: of the direction that did most.
fio_metrics() {
	jq -c '.jobs[0] | [.read, .write] | max_by(.total_ios) | {
		p50_us: (.clat_ns.percentile["50.000000"] / 1000), p99_us: (.clat_ns.percentile["99.000000"] / 1000),
		mean_us: (.clat_ns.mean / 1000), max_us: (.clat_ns.max / 1000), mean_lat_us: (.lat_ns.mean / 1000),
		iops, mib_s: (.bw_bytes / 1048576), ios: .total_ios }' /run/fio.json
}

fio_parameters() {
	jq -c '(."global options" + .jobs[0]."job options") | del(.name, .filename, .direct)' /run/fio.json
}

# scattered_writes COUNT FILE: a log for fio's --read_iolog that writes 4 KiB to each of COUNT chunks of 64 KiB of $device,
# in an order that is random but always the same.
scattered_writes() {
	local chunk
	{
		printf '%s\n' "fio version 2 iolog" "$device add" "$device open"
		seq 0 $(($1 - 1)) | shuf --random-source=<(yes scattered) | while read -r chunk; do
			echo "$device write $((chunk * 65536)) 4096"
		done
		echo "$device close"
	} >"$2"
}
