# shellcheck shell=bash disable=SC2034
# Ours.

target_up() {
	MODE=raid1wb
	md_up --bitmap=internal --bitmap-chunk=64K --write-behind=4096
}

target_down() {
	md_down
}
