# shellcheck shell=bash
# The hold test: a bit on disk stays set until the slow leg has the data, and goes away then.

# hold_test: on a mirror whose slow leg takes 40 seconds for each write to its data area, but no time for superblock and bitmap.
# Leaves the verdict in words in $hold_verdict.
hold_test() {
	local from=2048 chunk=$((16 * 8)) begin took bits equal=''

	null_disk hold_fast 32 50
	null_disk hold_base 32 50
	slow_disk hold_slow /dev/hold_base 40000 "$from"
	create_mirror /dev/hold_fast /dev/mapper/hold_slow --data-offset=1M
	[[ $(data_offset /dev/hold_fast) == "$from" ]] || die "hold: the data area is elsewhere"
	wait_for 60 '[[ $(dirty_bits /dev/hold_fast) == 0 ]]' || die "hold: the bits of a new array stay set"

	begin=$(now)
	must dd if=/dev/urandom of=/dev/md0 bs=4k count=1 seek=16 oflag=direct status=none
	took=$(($(now) - begin))
	check "hold: the write is acknowledged at once ($took ms)" [ "$took" -lt 1000 ]

	# The bit first, then the legs: if they differ then, they did when the bit was read.
	while (($(now) - begin < 80000)); do
		bits=$(dirty_bits /dev/hold_fast)
		same_data /dev/hold_fast /dev/hold_base 8 "$((from + chunk))" && equal=yes && break
		[[ $bits != 0 ]] || break
		sleep 2
	done
	took=$((($(now) - begin) / 1000))
	if [[ $equal ]]; then
		hold_verdict="holds: legs equal after $took s, bit set until then"
	else
		hold_verdict="FAILS: bit gone after $took s, legs differ"
	fi
	check "hold: the bit stays until the legs are equal ($hold_verdict)" [ "$equal" ]

	wait_for 80 "same_data /dev/hold_fast /dev/hold_base 8 $((from + chunk))"
	check "hold: the bit goes away afterwards" wait_for 60 '[[ $(dirty_bits /dev/hold_fast) == 0 ]]'
	check "hold: the legs are equal" same_data /dev/hold_fast /dev/hold_base $((30 * 2048)) "$from"

	must mdadm --quiet --stop /dev/md0
	must dmsetup remove hold_slow
	remove_null_disk hold_fast
	remove_null_disk hold_base
}
