/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_BASE_CLEANUP_H
#define RC_BASE_CLEANUP_H
/*
 * Resources that leave with their scope.
 *
 * RC_AUTO(fn) on a variable calls fn(&variable) when its scope ends. A type that wants it has a function that takes a
 * pointer to the variable: `static inline void rc_buf_deinit_p(…)` is not needed, deinit functions take pointers already.
 * For pointers use RC_DEFINE_AUTO. To hand a resource over, RC_STEAL empties the variable. A function that uses RC_AUTO
 * has no goto: gcc lets one jump past the attribute in silence.
 */
#include <stdlib.h>
#include <unistd.h>

#define RC_AUTO(fn) __attribute__((cleanup(fn)))

/* Makes `fn_p`, the cleanup function of a `type *` variable; NULL is left alone. */
#define RC_DEFINE_AUTO(type, fn)                                                                   \
	static inline void fn##_p(type **p)                                                        \
	{                                                                                          \
		if (*p)                                                                            \
			fn(*p);                                                                    \
	}

/* The value of a pointer variable, which is NULL afterwards. */
#define RC_STEAL(p)                                                                                \
	__extension__({                                                                            \
		__typeof__(p) rc_stolen_ = (p);                                                    \
		(p) = NULL;                                                                        \
		rc_stolen_;                                                                        \
	})

/* The value of a descriptor variable, which is -1 afterwards. */
static inline int rc_steal_fd(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}

/* For `RC_AUTO(rc_free_p) char *text`; the argument is the variable's address, whatever its type. */
static inline void rc_free_p(void *p)
{
	free(*(void **)p);
}

/* For `RC_AUTO(rc_close_p) int fd = -1`. close() can't be retried on Linux: its error is looked at only where data was written. */
static inline void rc_close_p(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

#endif
