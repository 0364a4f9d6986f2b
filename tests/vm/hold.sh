#!/bin/bash
# vm: --icount --timeout 180
# Bits are held for writes that the slow leg does not have yet.
. /tests/lib.sh
. /tests/hold.sh

load_raid1
hold_test
check "the module unloads" unload_raid1
