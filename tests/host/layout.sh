#!/bin/bash
# A struct of md that is laid out otherwise than in the kernel stops the build, and leaves no module.
. "$(dirname "$0")/../lib.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"; finish' EXIT
tree=$work/tree
mkdir -p "$tree/build"
rsync -a --exclude=/.git --exclude=/build --filter=':- .gitignore' "$top/" "$tree/"
headers=$("$top/scripts/md-headers")
mkdir "$tree/build/md-headers"
cp -r "$headers" "$tree/build/md-headers/"
headers=$tree/build/md-headers/${headers##*/}

# stops FILE SED: does the build stop, with one line that names a package, if FILE is changed like that?
stops() {
	local output
	cp "$headers/$1" "$work/original"
	sed -i "$2" "$headers/$1"
	! cmp -s "$headers/$1" "$work/original" || { echo "nothing changed" && return 1; }
	output=$(make -C "$tree" 2>&1) && { echo "it does not" && return 1; }
	cp "$work/original" "$headers/$1"
	grep -q '^check-layout: .* install linux-image-' <<<"$output" || { echo "$output" && return 1; }
	[[ ! -e $tree/md-raid1wb.ko ]]
}

check "the build works" make -C "$tree"
check "a changed mddev stops the build" stops md.h 's/^\tint\t*md_minor;/\tint pad;\n&/'
check "a changed bitmap_operations stops the build" \
	stops md-bitmap.h 's/^\tvoid (\*flush)/\tvoid (*pad)(void);\n&/'
check "a changed flag stops the build" stops md.h 's/^\tMD_RECOVERY_NEEDED,/\tMD_RECOVERY_PAD,\n&/'
sed -i 's/unpacked_version_of "\$source_package"/version_of bash/' "$tree/scripts/md-headers"
# What was extracted before would do.
rm -r "$tree/build/md-headers"
check "another version of the source stops the build" \
	bash -c 'make -C "$1" 2>&1 | grep "^md-headers: .* install linux-source-6.12="' bash "$tree"
