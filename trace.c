// SPDX-License-Identifier: GPL-2.0
/* The tracepoints' bodies: no code of ours. */
#include "bitmap_impl.h"
#include "leg.h"
#include "write.h"

#define CREATE_TRACE_POINTS
#include "trace.h"
