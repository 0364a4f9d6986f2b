# shellcheck shell=bash disable=SC2034
# The kernel's, made with the same command.

target_up() {
	MODE=kernel
	md_up
}

target_down() {
	md_down
}
