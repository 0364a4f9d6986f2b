# shellcheck shell=bash disable=SC2034
# Ours.

target_up() {
	MODE=raid1wb
	md_up
}

target_down() {
	md_down
}
