/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/http_priv.h"

#include <signal.h>
#include <stdlib.h>

/*
 * Wakes one more thread if there is work and nobody is on the way already; with the lock. Waking a thread costs as much as a small
 * request, and one that is awake takes the next job without being asked: so a burst wakes as many as it keeps busy, and no more.
 */
static void wake_one(struct rc_http__workers *workers)
{
	if (!workers->first || workers->sleeping == 0 || workers->is_waking)
		return;
	workers->is_waking = true;
	pthread_cond_signal(&workers->wanted);
}

/* The next job, or NULL when there is none and none will come. */
static struct rc_http__job *next_job(struct rc_http__workers *workers)
{
	struct rc_http__job *job;

	pthread_mutex_lock(&workers->lock);
	while (!workers->first && !workers->is_stopping) {
		workers->sleeping++;
		pthread_cond_wait(&workers->wanted, &workers->lock);
		workers->sleeping--;
		workers->is_waking = false;
	}
	job = workers->first;
	if (job) {
		workers->first = job->next;
		if (!workers->first)
			workers->last = &workers->first;
	}
	wake_one(workers);
	pthread_mutex_unlock(&workers->lock);
	return job;
}

static void *work(void *context)
{
	struct rc_http__workers *workers = context;
	struct rc_http__job *job;

	while ((job = next_job(workers))) {
		job->run(job);
		workers->done(workers->context, job);
	}
	return NULL;
}

/* Signals are the main thread's: a worker that took one would end a database call early. */
static unsigned start_threads(struct rc_http__workers *workers, unsigned count)
{
	sigset_t all, before;
	unsigned started = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (started < count && pthread_create(&workers->threads[started], NULL, work, workers) == 0)
		started++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

enum rc_status rc_http__workers_start(struct rc_http__workers *workers, unsigned count,
				      void (*done)(void *context, struct rc_http__job *job),
				      void *context, struct rc_error *err)
{
	*workers = (struct rc_http__workers){.done = done, .context = context};
	workers->last = &workers->first;
	workers->threads = calloc(count, sizeof(*workers->threads));
	if (!workers->threads)
		return rc_fail(err, RC_ENOMEM, "no memory for %u threads", count);
	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->wanted, NULL);
	workers->thread_count = start_threads(workers, count);
	if (workers->thread_count == count)
		return RC_OK;
	rc_http__workers_stop(workers);
	return rc_fail(err, RC_ENOMEM, "%u threads can't be started", count);
}

void rc_http__workers_submit(struct rc_http__workers *workers, struct rc_http__job *job)
{
	job->next = NULL;
	atomic_store(&job->awaited, 1);
	pthread_mutex_lock(&workers->lock);
	*workers->last = job;
	workers->last = &job->next;
	wake_one(workers);
	pthread_mutex_unlock(&workers->lock);
}

void rc_http__workers_stop(struct rc_http__workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	workers->is_stopping = true;
	pthread_cond_broadcast(&workers->wanted);
	pthread_mutex_unlock(&workers->lock);
	for (unsigned i = 0; i < workers->thread_count; i++)
		pthread_join(workers->threads[i], NULL);
	pthread_cond_destroy(&workers->wanted);
	pthread_mutex_destroy(&workers->lock);
	free(workers->threads);
	workers->threads = NULL;
}
