# shellcheck shell=bash disable=SC2034
# The kernel's, without a bitmap, thus without write-behind.

target_up() {
	MODE=kernel bitmap=none
	md_up
}

target_down() {
	md_down
}
