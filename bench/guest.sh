#!/bin/bash
# shellcheck disable=SC2034 # for lib.sh, targets and scenarios
# bench/guest.sh TARGET SCENARIO SLOW_MS: measures that combination, in the virtual machine of scripts/bench.
. /tests/lib.sh
. /bench/lib.sh
main_target=$1 scenario_name=$2 slow_ms=$3 boot=$1/$2/$3

# alone: the scenario on the fast device.
alone() {
	target=fast device=/dev/fast backlog_of=''
	scenario
}

# mirrored: the scenario on the target.
mirrored() {
	target=$main_target
	target_up
	scenario
	target_down
}

run_scenario() {
	alone
	[[ $main_target == fast ]] || mirrored
}

# shellcheck source=/dev/null
{
	. "/bench/targets/$main_target.sh"
	. "/bench/scenarios/$scenario_name.sh"
}
disk fast "$fast_us"
run_scenario
ok "$boot"
