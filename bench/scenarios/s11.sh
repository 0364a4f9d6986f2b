# shellcheck shell=bash disable=SC2034,SC2154
# vm: --smp 2 --timeout 2400
# bench: delays 0
# bench: targets raid1wb
# S11: 4 KiB writes to dirty chunks by four jobs at a time, fast legs only, on one processor and on two: ours and the kernel's
# raid1, with a bitmap and without. Time is real here, and the host has other things to do as well. So all is done in one boot,
# in turns; in a turn the arrays with and without a bitmap are written in slices of a fifth of a second. What counts are
# ratios of neighbours.

leg_mib=128
# The data is forgotten: a disk that keeps it has a lock.
kept_mib=16
leg_settings=(irqmode=0 submit_queues=2)
fast_us=0
rounds=8
slices=12
declare -A array=([internal]=/dev/md0 [none]=/dev/md1)
declare -A legs=([internal]="/dev/fast /dev/twin" [none]="/dev/fast2 /dev/twin2")
declare -A leg=([internal]=fast-rest [none]=fast2-rest)
declare -A writer

run_scenario() {
	local round order=(raid1wb kernel)
	disk twin 0
	disk fast2 0
	disk twin2 0
	must modprobe md-mod
	mkfifo /run/never
	exec {never}<>/run/never
	smp_create
	for ((round = 0; round < rounds; round++)); do
		for MODE in "${order[@]}"; do
			smp_turn
		done
		order=("${order[1]}" "${order[0]}")
	done
	smp_records
}

# smp_create: the two arrays, which both personalities run in turn.
smp_create() {
	local options=(--quiet --create --run --level=1 --raid-devices=2 --assume-clean)
	MODE=raid1wb
	load_raid1
	# shellcheck disable=SC2086 # words
	must mdadm "${options[@]}" --bitmap=internal --bitmap-chunk="${chunk_kib}K" "${array[internal]}" ${legs[internal]}
	# shellcheck disable=SC2086 # words
	must mdadm "${options[@]}" --bitmap=none "${array[none]}" ${legs[none]}
	wait_for 60 '[[ $(dirty_bits /dev/fast) == 0 ]]' || die "bits of a new array stay set"
	smp_stop
}

# smp_turn: one personality's.
smp_turn() {
	local cpus numbers=(1 2)
	# md has asked for the kernel's, too; ours loads only before it.
	[[ $MODE == kernel ]] || modprobe -r raid1
	load_raid1
	smp_start internal
	smp_start none
	((round % 2 == 0)) || numbers=(2 1)
	for cpus in "${numbers[@]}"; do
		echo $((cpus - 1)) >/sys/devices/system/cpu/cpu1/online
		[[ $(nproc) == "$cpus" ]] || die "$(nproc) processors, not $cpus"
		smp_slices
	done
	smp_stop
}

# smp_start BITMAP
smp_start() {
	# shellcheck disable=SC2086 # words
	must mdadm --quiet --assemble "${array[$1]}" ${legs[$1]}
	idle "${array[$1]##*/}" || die "${array[$1]} was not clean"
}

smp_stop() {
	local name
	for name in "${array[@]}"; do
		wait_for 60 "mdadm --quiet --stop $name 2>/dev/null" || die "cannot stop $name"
	done
	must unload_raid1
}

smp_slices() {
	local slice bitmap order=(internal none)
	smp_writer internal
	smp_writer none
	for ((slice = 0; slice < slices; slice++)); do
		for bitmap in "${order[@]}"; do
			smp_slice
		done
		order=("${order[1]}" "${order[0]}")
	done
	for bitmap in "${order[@]}"; do
		kill -KILL -- "-${writer[$bitmap]}"
		wait "${writer[$bitmap]}"
	done
}

# smp_writer BITMAP: each job writes to 64 chunks of its own; stopped when most are dirty. Jobs are threads, as processes of fio's
# leave its group and would go on.
smp_writer() {
	local before
	before=$(leg_writes "$1")
	setsid fio --name=bench --filename="${array[$1]}" --direct=1 --rw=randwrite --bs=4k --ioengine=libaio --iodepth=8 \
		--thread --numjobs=4 --offset=16m --size=4m --offset_increment=4m --time_based --runtime=1000 >/run/writer 2>&1 &
	writer[$1]=$!
	wait_for 60 "(( \$(leg_writes $1) >= before + 4000 ))" || die "nothing is written"
	kill -STOP -- "-${writer[$1]}"
}

# leg_writes BITMAP: how many the first leg has been given, those that it merged included.
leg_writes() {
	smp_look "$1"
	echo "$writes"
}

# smp_look BITMAP: sets $writes to the same.
smp_look() {
	local statistics
	read -ra statistics <"/sys/block/${leg[$1]}/stat"
	writes=$((statistics[4] + statistics[5]))
}

# smp_slice: $bitmap's. No process is started while the clock runs.
smp_slice() {
	local begin end writes before
	kill -CONT -- "-${writer[$bitmap]}"
	smp_look "$bitmap"
	before=$writes begin=${EPOCHREALTIME/./}
	read -rt 0.2 -u "$never"
	smp_look "$bitmap"
	end=${EPOCHREALTIME/./}
	kill -STOP -- "-${writer[$bitmap]}"
	((writes > before)) || die "nothing was written to ${array[$bitmap]}"
	echo "$MODE $cpus $bitmap $round $((writes - before)) $((end - begin))" >>/run/slices
}

smp_records() {
	local cpus bitmap name
	for cpus in 1 2; do
		name="$cpus CPU$( ((cpus == 1)) || echo s)"
		target=raid1wb
		ratio_record "$name bitmap internal to none" "$(rates raid1wb "$cpus" internal)" "$(rates raid1wb "$cpus" none)"
		for bitmap in internal none; do
			ratio_record "$name bitmap $bitmap to raid1" "$(turns raid1wb "$cpus" $bitmap)" \
				"$(turns kernel "$cpus" $bitmap)"
		done
		target=raid1
		ratio_record "$name bitmap internal to none" "$(rates kernel "$cpus" internal)" "$(rates kernel "$cpus" none)"
	done
	for bitmap in internal none; do
		target=raid1wb
		ratio_record "2 CPUs to 1 bitmap $bitmap" "$(turns raid1wb 2 $bitmap)" "$(turns raid1wb 1 $bitmap)"
		target=raid1
		ratio_record "2 CPUs to 1 bitmap $bitmap" "$(turns kernel 2 $bitmap)" "$(turns kernel 1 $bitmap)"
	done
}

# rates MODE CPUS BITMAP: writes a second, a slice each, in one order for all.
rates() {
	awk -v which="$1 $2 $3" '$1 " " $2 " " $3 == which { printf "%s%d", comma, $5 * 1e6 / $6; comma = "," }' /run/slices
}

# turns MODE CPUS BITMAP: a turn each.
turns() {
	awk -v which="$1 $2 $3" '$1 " " $2 " " $3 == which { writes[$4] += $5; time[$4] += $6 }
		END { for (i = 0; i in time; i++) { printf "%s%d", comma, writes[i] * 1e6 / time[i]; comma = "," } }' /run/slices
}

# ratio_record VARIANT RATES RATES: of the first to the second, pair by pair: the median, and between what it is with a
# confidence of 95 %.
ratio_record() {
	record "$1" "$(jq -nc --argjson a "[$2]" --argjson b "[$3]" '
		[range($a | length) as $i | $a[$i] / $b[$i]] | sort | length as $n | (0.98 * ($n | sqrt)) as $off
		| { p50_ratio: .[$n / 2 | floor], low: .[[$n / 2 - $off | floor, 0] | max],
			high: .[[$n / 2 + $off | floor, $n - 1] | min], pairs: $n }')" \
		"{\"rates\": [$2], \"other_rates\": [$3]}"
}
