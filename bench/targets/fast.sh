# shellcheck shell=bash
# The fast device alone: the limit.

target_up() {
	# shellcheck disable=SC2034 # for the frame
	device=/dev/fast
}

target_down() {
	:
}
