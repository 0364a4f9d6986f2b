#!/bin/bash
# scripts/vm says what became of a run.
. "$(dirname "$0")/../lib.sh"

# ends STATUS OPTION...: does a run with these options end with this status?
ends() {
	local status=0 output
	output=$("$(dirname "$0")/../../scripts/vm" "${@:2}" 2>&1) || status=$?
	[[ $status == "$1" ]] || { echo "status $status; $output" && return 1; }
}

check "the script's exit status comes back" ends 3 -c 'exit 3'
check "a warning in the kernel's log fails the run" ends 123 -c 'echo "WARNING: CPU: 0" >/dev/kmsg'
check "a warning can be let through" ends 0 --allow-log 'WARNING: CPU: 0' -c 'echo "WARNING: CPU: 0" >/dev/kmsg'
check "a crash of the kernel fails the run" ends 123 -c 'echo c >/proc/sysrq-trigger'
check "a run that takes too long is ended" ends 124 --timeout 12 -c 'sleep 1000'
check "a script that never comes to its end fails" ends 125 -c 'reboot -f'
check "a run is killed on a line of output" ends 0 --kill-on '^now$' -c 'echo now; sleep 1000'
check "a run without that line fails" ends 125 --kill-on '^now$' -c 'echo then'

# lost OPTION...: how often does one begin anew that dies before our first program?
lost() {
	"$(dirname "$0")/../../scripts/vm" "$@" 2>&1 | grep -c 'once more'
}
check "a machine that dies before it is there gets two more chances" [ "$(lost --append rdinit=/nowhere -c true)" = 2 ]
check "one that dies later gets none" [ "$(lost -c 'echo c >/proc/sysrq-trigger')" = 0 ]
