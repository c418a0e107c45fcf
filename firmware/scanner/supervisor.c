/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small state machine around one child. Lines are read before deadlines are judged: a daemon that was itself held up for
 * seconds must not take the scanner for silent while its lines lie in the pipe.
 */
#include "firmware/scanner/supervisor.h"

#include "shared/base/log.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_BYTES_MAX                                                                             \
	(1u << 20) /* in one call: a scanner that floods the pipe can't hold the daemon */

struct rc_scanner {
	struct rc_scanner_start start;
	enum rc_scanner_state state;
	pid_t pid;           /* RUNNING, or ENDED and not yet reaped; else 0 */
	int pipe_fd;         /* RUNNING; else -1 */
	int64_t started_ms;  /* RUNNING */
	int64_t deadline_ms; /* RUNNING: it must say something before; WAITING: when to start */
	int64_t backoff_ms;  /* before the next start */
	uint64_t starts;
	size_t used; /* bytes of a line that isn't whole yet */
	char text[RC_SCANNER_LINE_MAX_BYTES];
	struct rc_scanner_line line;
};

static void wait_before_start(struct rc_scanner *scanner, int64_t now_ms)
{
	scanner->state = RC_SCANNER_WAITING;
	scanner->deadline_ms = now_ms + scanner->backoff_ms;
	scanner->backoff_ms *= 2;
	if (scanner->backoff_ms > RC_SCANNER_BACKOFF_MAX_MS)
		scanner->backoff_ms = RC_SCANNER_BACKOFF_MAX_MS;
}

static void start_process(struct rc_scanner *scanner, int64_t now_ms)
{
	struct rc_error err = {0};

	if (rc_scanner_spawn(&scanner->start, &scanner->pid, &scanner->pipe_fd, &err) != RC_OK) {
		rc_log_failure("the scanner could not be started", &err);
		wait_before_start(scanner, now_ms);
		return;
	}
	scanner->state = RC_SCANNER_RUNNING;
	scanner->started_ms = now_ms;
	scanner->deadline_ms = now_ms + RC_SCANNER_STARTUP_MS;
	scanner->starts++;
	scanner->used = 0;
}

/* "signal 9", "status 127": what waitpid says, for the log. */
static void log_death(int status)
{
	char text[32];

	if (WIFSIGNALED(status))
		(void)snprintf(text, sizeof(text), "signal %d", WTERMSIG(status));
	else
		(void)snprintf(text, sizeof(text), "status %d", WEXITSTATUS(status));
	rc_log(RC_LOG_WARNING, "the scanner died and is started again", "by", text, NULL);
}

/* Whatever it was doing, it is over: the pipe is closed, the process killed and waited for. SIGKILL can't be held up by the
 * process, so the wait is short. */
static int end_process(struct rc_scanner *scanner)
{
	int status = 0;

	if (scanner->pid == 0)
		return 0;
	(void)kill(scanner->pid, SIGKILL);
	while (waitpid(scanner->pid, &status, 0) < 0 && errno == EINTR)
		;
	(void)close(scanner->pipe_fd);
	scanner->pid = 0;
	scanner->pipe_fd = -1;
	return status;
}

/* It is dead or must be. */
static void lose_process(struct rc_scanner *scanner, int64_t now_ms)
{
	if (now_ms - scanner->started_ms >= RC_SCANNER_STEADY_MS)
		scanner->backoff_ms = RC_SCANNER_BACKOFF_MIN_MS;
	log_death(end_process(scanner));
	wait_before_start(scanner, now_ms);
}

enum rc_status rc_scanner_open(const struct rc_scanner_start *start, int64_t now_ms,
			       struct rc_scanner **scanner, struct rc_error *err)
{
	struct rc_scanner *made = calloc(1, sizeof(*made));

	if (!made)
		return rc_fail(err, RC_ENOMEM, "no memory for the scanner's supervisor");
	made->start = *start;
	made->pipe_fd = -1;
	made->backoff_ms = RC_SCANNER_BACKOFF_MIN_MS;
	start_process(made, now_ms);
	*scanner = made;
	return RC_OK;
}

void rc_scanner_close(struct rc_scanner *scanner)
{
	if (!scanner)
		return;
	(void)end_process(scanner);
	free(scanner);
}

/* One line without its newline. False: it isn't one. */
static bool handle_line(struct rc_scanner *scanner, struct rc_bytes text,
			rc_scanner_handler *handler, void *context)
{
	struct rc_error err = {0};

	if (rc_scanner_pipe_decode(text, &scanner->line, &err) != RC_OK) {
		rc_log_failure("the scanner said something odd and is killed", &err);
		return false;
	}
	if (scanner->line.kind == RC_SCANNER_LINE_END)
		scanner->state = RC_SCANNER_ENDED;
	handler(context, &scanner->line);
	return true;
}

/* Hands the whole lines of the buffer on and moves the rest to its front. */
static bool handle_text(struct rc_scanner *scanner, rc_scanner_handler *handler, void *context)
{
	size_t begin = 0;
	const char *newline;

	while ((newline = memchr(scanner->text + begin, '\n', scanner->used - begin))) {
		const size_t size = (size_t)(newline - (scanner->text + begin));

		if (!handle_line(scanner, rc_bytes_of(scanner->text + begin, size), handler, context))
			return false;
		begin += size + 1;
		if (scanner->state == RC_SCANNER_ENDED)
			return true;
	}
	scanner->used -= begin;
	memmove(scanner->text, scanner->text + begin, scanner->used);
	if (scanner->used == sizeof(scanner->text))
		rc_log(RC_LOG_ERROR, "the scanner sent too long a line and is killed", NULL);
	return scanner->used < sizeof(scanner->text);
}

/* Reads until the pipe is empty. False: the process is lost (its pipe is closed, or it sent rubbish). */
static bool read_pipe(struct rc_scanner *scanner, int64_t now_ms, rc_scanner_handler *handler, void *context)
{
	size_t total = 0;

	while (total < READ_BYTES_MAX) {
		const ssize_t count = read(scanner->pipe_fd, scanner->text + scanner->used,
					   sizeof(scanner->text) - scanner->used);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return errno == EAGAIN;
		if (count == 0)
			return false;
		total += (size_t)count;
		scanner->used += (size_t)count;
		scanner->deadline_ms = now_ms + RC_SCANNER_SILENCE_MS;
		if (!handle_text(scanner, handler, context))
			return false;
		if (scanner->state == RC_SCANNER_ENDED)
			return true;
	}
	return true;
}

static void handle_running(struct rc_scanner *scanner, int64_t now_ms, rc_scanner_handler *handler,
			   void *context)
{
	if (!read_pipe(scanner, now_ms, handler, context)) {
		lose_process(scanner, now_ms);
	} else if (scanner->state == RC_SCANNER_ENDED) {
		(void)end_process(scanner);
	} else if (now_ms >= scanner->deadline_ms) {
		rc_log(RC_LOG_WARNING, "the scanner is silent and is killed", NULL);
		lose_process(scanner, now_ms);
	}
}

void rc_scanner_handle(struct rc_scanner *scanner, int64_t now_ms, rc_scanner_handler *handler,
		       void *context)
{
	if (scanner->state == RC_SCANNER_RUNNING)
		handle_running(scanner, now_ms, handler, context);
	if (scanner->state == RC_SCANNER_WAITING && now_ms >= scanner->deadline_ms)
		start_process(scanner, now_ms);
}

void rc_scanner_restart(struct rc_scanner *scanner, int source_fd, int64_t now_ms)
{
	(void)end_process(scanner);
	scanner->start.source_fd = source_fd;
	scanner->backoff_ms = RC_SCANNER_BACKOFF_MIN_MS;
	start_process(scanner, now_ms);
}

int rc_scanner_fd(const struct rc_scanner *scanner)
{
	return scanner->pipe_fd;
}

int rc_scanner_timeout_ms(const struct rc_scanner *scanner, int64_t now_ms)
{
	const int64_t rest_ms = scanner->deadline_ms - now_ms;

	if (scanner->state == RC_SCANNER_ENDED)
		return -1;
	if (rest_ms <= 0)
		return 0;
	return rest_ms < INT_MAX ? (int)rest_ms : INT_MAX;
}

enum rc_scanner_state rc_scanner_state(const struct rc_scanner *scanner)
{
	return scanner->state;
}

pid_t rc_scanner_pid(const struct rc_scanner *scanner)
{
	return scanner->pid;
}

uint64_t rc_scanner_starts(const struct rc_scanner *scanner)
{
	return scanner->starts;
}
