/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of the kernel as the module's pure logic asks for, in userspace.
 *
 * CMakeLists.txt makes a <linux/NAME.h> out of this for every NAME that the
 * module's sources include.  What C++ would stumble over is for C only: the
 * module's headers do without it.
 */
#ifndef R1WB_SHIM_H
#define R1WB_SHIM_H

#include <assert.h>
#include <endian.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <asm/types.h>

typedef signed char s8;
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long s64;
typedef u32 __le32;
typedef u64 __le64;
typedef u64 sector_t;

#define U64_MAX		((u64)~0ULL)
#define S64_MAX		((s64)(U64_MAX >> 1))
#define BIT(nr)		(1UL << (nr))
#define GENMASK(high, low) ((~0UL << (low)) & (~0UL >> (63 - (high))))

typedef struct {
	int counter;
} atomic_t;

static inline int atomic_read(const atomic_t *v)
{
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);
}

static inline int atomic_inc_return(atomic_t *v)
{
	/* The kernel's wraps by definition; a signed overflow here would be undefined. */
	return (int)__atomic_add_fetch((unsigned int *)&v->counter, 1U, __ATOMIC_SEQ_CST);
}

static inline bool atomic_try_cmpxchg(atomic_t *v, int *old, int new_value)
{
	return __atomic_compare_exchange_n(&v->counter, old, new_value, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

struct list_head {
	struct list_head *next, *prev;
};

/* How often the module has warned: for whoever knows whether it should have. */
extern
#ifdef __cplusplus
"C"
#endif
unsigned long shim_warnings;

#ifndef __cplusplus

#undef static_assert
#define static_assert(condition, ...) _Static_assert(condition, "" __VA_ARGS__)
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define EXPORT_SYMBOL(name)

#define READ_ONCE(x)	(*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile typeof(x) *)&(x) = (value))
#define rcu_assign_pointer(p, value) WRITE_ONCE(p, value)
#define rcu_dereference_raw(p) READ_ONCE(p)

#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))

#define WARN_ON_ONCE(condition) ({ \
	bool warn_ = (condition); \
	shim_warnings += warn_; \
	warn_; \
})
#define WARN_ONCE(condition, ...) ({ \
	char line_[200]; \
	bool warn_ = (condition); \
	if (warn_) \
		snprintf(line_, sizeof(line_), __VA_ARGS__); \
	shim_warnings += warn_; \
	warn_; \
})

#define cpu_to_le32(x)	htole32(x)
#define cpu_to_le64(x)	htole64(x)
#define le32_to_cpu(x)	le32toh(x)
#define le64_to_cpu(x)	le64toh(x)

/* Like the kernel's, min() takes no two types. */
#define min(x, y) ({ \
	typeof(x) x_ = (x); \
	typeof(y) y_ = (y); \
	static_assert(__builtin_types_compatible_p(typeof(x_), typeof(y_)), "types"); \
	x_ < y_ ? x_ : y_; \
})
#define min_t(type, x, y) min((type)(x), (type)(y))
#define min_not_zero(x, y) ({ \
	typeof(x) a_ = (x); \
	typeof(y) b_ = (y); \
	!a_ ? b_ : !b_ ? a_ : min(a_, b_); \
})

#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define DIV_ROUND_UP_ULL(n, d)	DIV_ROUND_UP((u64)(n), (u64)(d))
#define is_power_of_2(n)	((n) != 0 && ((n) & ((n) - 1)) == 0)
#define ilog2(n)		(63 - __builtin_clzll(n))

#define HZ	250	/* Debian's */

#endif /* !__cplusplus */

#endif /* R1WB_SHIM_H */
