/* SPDX-License-Identifier: Apache-2.0 */
/* The filter is a list of what is allowed, in a table; memory that can be run and a camera's requests are looked at more closely. */
#include "firmware/scanner/sandbox.h"

#include <errno.h>
#include <linux/videodev2.h>
#include <seccomp.h>
#include <sys/mman.h>

static const int allowed[] = {
    /* descriptors that are there already: frames in, lines out; recvmsg brings the feed's pictures */
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(close),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(recvmsg),
    /* memory */
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    /* time */
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(clock_nanosleep),
    /* the process itself */
    SCMP_SYS(futex),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(exit_group),
#ifdef RC_SANITIZED
    /* what the sanitizers' runtime does beside; never in a product */
    SCMP_SYS(sigaltstack),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(sched_yield),
    SCMP_SYS(mprotect),
    SCMP_SYS(prctl),
#endif
};

/* All that a camera is asked for once it runs: its buffers. */
static const unsigned long requests[] = {VIDIOC_DQBUF, VIDIOC_QBUF};

static int fill(scmp_filter_ctx filter)
{
	int failed = 0;

	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]) && failed == 0; i++)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	if (failed == 0) /* new memory, but none that can be run */
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
					  SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]) && failed == 0; i++)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
					  SCMP_A1(SCMP_CMP_EQ, requests[i], 0));
	return failed;
}

enum rc_status rc_sandbox_enter(struct rc_error *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int failed;

	if (!filter)
		return rc_fail(err, RC_ENOMEM, "sandbox: no memory");
	failed = fill(filter);
	if (failed == 0)
		failed = seccomp_load(filter); /* sets no_new_privs, too */
	seccomp_release(filter);
	if (failed != 0)
		return rc_fail(err, RC_EDENIED, "sandbox: the kernel refuses (errno %d)", -failed);
	return RC_OK;
}
