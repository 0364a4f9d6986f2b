# shellcheck shell=bash disable=SC2034,SC2154
# vm: --icount --timeout 2400
# bench: targets raid1wb raid1 raid1-nobitmap dm-raid fast
# S12: a database on a file system: SQLite on ext4, each transaction one row that is on disk when it is committed. Members
# have a volatile cache, and a flush takes as long as a write. (With a file system on it, what DRBD says it has sent and
# written does not add up, so that nobody knows when nothing is behind.)

leg_settings=(cache_size=256)
commits=300

scenario() {
	must mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0,nodiscard "$device"
	must mount "$device" /mnt
	commit_record "write-ahead log" WAL
	commit_record "rollback journal" DELETE
	must umount /mnt
	# who makes a mirror of this disk next may not like to find it used
	must wipefs --quiet --all "$device"
}

# commit_record VARIANT JOURNAL_MODE: what a commit takes.
commit_record() {
	local begin end database=/mnt/$2.db
	{
		echo "PRAGMA journal_mode=$2; PRAGMA synchronous=FULL; CREATE TABLE t (i INTEGER PRIMARY KEY, d BLOB);"
		for ((i = 0; i < commits; i++)); do
			echo "INSERT INTO t VALUES ($i, zeroblob(200));"
		done
	} >/run/transactions
	must sqlite3 "$database" "PRAGMA journal_mode=$2; CREATE TABLE warm (i); INSERT INTO warm VALUES (1);" >/run/sqlite
	align
	begin=${EPOCHREALTIME/./}
	must sqlite3 "$database" </run/transactions >/run/sqlite
	end=${EPOCHREALTIME/./}
	[[ $(sqlite3 "$database" 'SELECT count(*) FROM t') == "$commits" ]] || die "not all rows are there"
	record "$1" "$(jq -nc --argjson us $((end - begin)) --argjson commits "$commits" \
		'{ commit_us: ($us / $commits), commits: $commits }')" "{\"journal_mode\": \"$2\"}"
}
