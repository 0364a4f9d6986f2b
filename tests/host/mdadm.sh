#!/bin/bash
# A few of mdadm's own tests with our module; scripts/check-mdadm has all, with the kernel's raid1 as well.
"$(dirname "$0")/../../scripts/check-mdadm" --quick
