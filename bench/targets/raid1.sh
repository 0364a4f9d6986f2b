# shellcheck shell=bash disable=SC2034
# The kernel's, made with the same command.

target_up() {
	MODE=kernel
	md_up --bitmap=internal --bitmap-chunk=64K --write-behind=4096
}

target_down() {
	md_down
}
