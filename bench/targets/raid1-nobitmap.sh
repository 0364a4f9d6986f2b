# shellcheck shell=bash disable=SC2034
# The kernel's, without a bitmap, thus without write-behind.

target_up() {
	MODE=kernel
	md_up --bitmap=none
}

target_down() {
	md_down
}
