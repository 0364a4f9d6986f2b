#!/bin/bash
# A few of mdadm's own tests; scripts/check-mdadm has all.
"$(dirname "$0")/../../scripts/check-mdadm" --quick
