/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One ring of orders, one of answers, one mutex. Orders are copied in whole, so nothing is allocated after the start. An answer
 * always finds room: there are never more than the queue held orders.
 */
#include "firmware/daemon/recorder.h"

#include "shared/base/log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LEAST_FREE_BYTES (INT64_C(64) * 1024 * 1024)

enum order_kind {
	ORDER_APPEND,
	ORDER_ACKNOWLEDGE,
	ORDER_BEGIN_EPOCH,
	ORDER_REMEMBER_TIME,
	ORDER_REMEMBER_ANCHOR,
	ORDER_UPKEEP
};

struct order {
	enum order_kind kind;
	uint32_t token;
	const char *fact_kind;
	int64_t version;
	char body[RC_RECORDER_BODY_MAX_BYTES];
	size_t body_size;
	struct rc_clock_reading at;
	uint64_t epoch;
	int64_t number; /* through, known time, now */
	int64_t free_bytes;
	uint8_t hash[RC_FACT_HASH_BYTES];
	char reason[33];
};

struct rc_recorder {
	struct rc_journal *journal; /* the thread's */
	pthread_t thread;
	int answers_fd;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t has_orders;
	bool is_stopping;
	struct order orders[RC_RECORDER_QUEUE_MAX];
	size_t first_order, order_count;
	struct rc_recorder_answer answers[2 * RC_RECORDER_QUEUE_MAX];
	size_t first_answer, answer_count;
	struct rc_recorder_state state;
};

static void publish(struct rc_recorder *recorder, bool is_disk_full)
{
	struct rc_recorder_state state = {
	    .head = rc_journal_head(recorder->journal),
	    .acknowledged = rc_journal_last_acknowledged(recorder->journal),
	    .unacknowledged = rc_journal_unacknowledged(recorder->journal),
	    .is_failed = rc_journal_is_failed(recorder->journal),
	    .is_disk_full = is_disk_full,
	};

	pthread_mutex_lock(&recorder->lock);
	recorder->state = state;
	pthread_mutex_unlock(&recorder->lock);
}

static void answer(struct rc_recorder *recorder, uint32_t token, bool is_durable)
{
	const uint64_t one = 1;
	size_t place;

	pthread_mutex_lock(&recorder->lock);
	place = (recorder->first_answer + recorder->answer_count) % (2 * RC_RECORDER_QUEUE_MAX);
	recorder->answers[place] = (struct rc_recorder_answer){.token = token, .is_durable = is_durable};
	recorder->answer_count++;
	pthread_mutex_unlock(&recorder->lock);
	if (write(recorder->answers_fd, &one, sizeof(one)) < 0)
		return; /* the counter is full: the reader will look anyway */
}

static void append(struct rc_recorder *recorder, const struct order *order)
{
	const struct rc_journal_statement statement = {
	    .kind = order->fact_kind,
	    .version = order->version,
	    .body = rc_bytes_of(order->body, order->body_size),
	};
	struct rc_journal_entry entry;
	struct rc_error err;
	enum rc_status status =
	    rc_journal_append(recorder->journal, &statement, &order->at, &entry, &err);

	if (status != RC_OK)
		rc_log(RC_LOG_ERROR, "a fact could not be recorded", "kind", order->fact_kind,
		       "error", err.text, NULL);
	publish(recorder, status == RC_EIO && !rc_journal_is_failed(recorder->journal));
	answer(recorder, order->token, status == RC_OK);
}

static void upkeep(struct rc_recorder *recorder, const struct order *order)
{
	struct rc_journal_room room = {
	    .now_ms = order->number,
	    .free_bytes = order->free_bytes,
	    .least_free_bytes = LEAST_FREE_BYTES,
	};
	struct rc_error err;
	size_t removed;

	if (rc_journal_prune(recorder->journal, &room, &removed, &err) != RC_OK)
		rc_log_failure("pruning the journal", &err);
	if (rc_journal_wants_checkpoint(recorder->journal) &&
	    rc_journal_checkpoint(recorder->journal, &err) != RC_OK)
		rc_log_failure("checkpoint of the journal", &err);
}

static void carry_out(struct rc_recorder *recorder, const struct order *order)
{
	enum rc_status status = RC_OK;
	struct rc_error err;

	switch (order->kind) {
	case ORDER_APPEND:
		append(recorder, order);
		return;
	case ORDER_ACKNOWLEDGE:
		status = rc_journal_acknowledge(recorder->journal, order->epoch, order->number,
						order->hash, &err);
		break;
	case ORDER_BEGIN_EPOCH:
		status = rc_journal_begin_epoch(recorder->journal, order->reason, &err);
		break;
	case ORDER_REMEMBER_TIME:
		status = rc_journal_state_put_int(recorder->journal, RC_RECORDER_TIME_KNOWN,
						  order->number, &err);
		break;
	case ORDER_REMEMBER_ANCHOR:
		status = rc_journal_state_put(recorder->journal, RC_RECORDER_TIME_ANCHOR,
					      rc_bytes_of(order->body, order->body_size), &err);
		break;
	case ORDER_UPKEEP:
		upkeep(recorder, order);
		break;
	}
	if (status != RC_OK)
		rc_log_failure("journal", &err);
	publish(recorder, false);
}

static void *run(void *context)
{
	struct rc_recorder *recorder = context;
	struct order order;

	for (;;) {
		pthread_mutex_lock(&recorder->lock);
		while (recorder->order_count == 0 && !recorder->is_stopping)
			pthread_cond_wait(&recorder->has_orders, &recorder->lock);
		if (recorder->order_count == 0) {
			pthread_mutex_unlock(&recorder->lock);
			return NULL;
		}
		order = recorder->orders[recorder->first_order];
		recorder->first_order = (recorder->first_order + 1) % RC_RECORDER_QUEUE_MAX;
		recorder->order_count--;
		pthread_mutex_unlock(&recorder->lock);
		carry_out(recorder, &order);
	}
}

enum rc_status rc_recorder_start(struct rc_journal *journal, struct rc_recorder **recorder,
				 struct rc_error *err)
{
	struct rc_recorder *made = calloc(1, sizeof(*made));

	if (!made)
		return rc_fail(err, RC_ENOMEM, "no memory for the recorder");
	made->journal = journal;
	made->answers_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	(void)pthread_mutex_init(&made->lock, NULL); /* with default attributes neither can fail on Linux */
	(void)pthread_cond_init(&made->has_orders, NULL);
	publish(made, false);
	if (made->answers_fd < 0 || pthread_create(&made->thread, NULL, run, made) != 0) {
		if (made->answers_fd >= 0)
			(void)close(made->answers_fd);
		free(made);
		return rc_fail(err, RC_EIO, "the recorder's thread can't be started");
	}
	*recorder = made;
	return RC_OK;
}

void rc_recorder_stop(struct rc_recorder *recorder)
{
	if (!recorder)
		return;
	pthread_mutex_lock(&recorder->lock);
	recorder->is_stopping = true;
	pthread_cond_signal(&recorder->has_orders);
	pthread_mutex_unlock(&recorder->lock);
	(void)pthread_join(recorder->thread, NULL);
	rc_journal_close(recorder->journal);
	(void)close(recorder->answers_fd);
	pthread_cond_destroy(&recorder->has_orders);
	pthread_mutex_destroy(&recorder->lock);
	free(recorder);
}

/* With the lock. */
static bool has_room(const struct rc_recorder *recorder)
{
	return recorder->order_count + recorder->answer_count < RC_RECORDER_QUEUE_MAX;
}

bool rc_recorder_has_room(struct rc_recorder *recorder)
{
	bool has;

	pthread_mutex_lock(&recorder->lock);
	has = has_room(recorder);
	pthread_mutex_unlock(&recorder->lock);
	return has;
}

static enum rc_status enqueue(struct rc_recorder *recorder, const struct order *order)
{
	enum rc_status status = RC_EBUSY;

	pthread_mutex_lock(&recorder->lock);
	if (has_room(recorder)) {
		recorder->orders[(recorder->first_order + recorder->order_count) % RC_RECORDER_QUEUE_MAX] =
		    *order;
		recorder->order_count++;
		pthread_cond_signal(&recorder->has_orders);
		status = RC_OK;
	}
	pthread_mutex_unlock(&recorder->lock);
	return status;
}

enum rc_status rc_recorder_append(struct rc_recorder *recorder, uint32_t token, const char *kind,
				  int64_t version, struct rc_bytes body,
				  const struct rc_clock_reading *at)
{
	struct order order = {
	    .kind = ORDER_APPEND, .token = token, .fact_kind = kind, .version = version, .at = *at};

	if (body.size > sizeof(order.body))
		return RC_ELIMIT;
	memcpy(order.body, body.data, body.size);
	order.body_size = body.size;
	return enqueue(recorder, &order);
}

enum rc_status rc_recorder_acknowledge(struct rc_recorder *recorder, uint64_t epoch,
				       int64_t through, const uint8_t hash[RC_FACT_HASH_BYTES])
{
	struct order order = {.kind = ORDER_ACKNOWLEDGE, .epoch = epoch, .number = through};

	memcpy(order.hash, hash, sizeof(order.hash));
	return enqueue(recorder, &order);
}

enum rc_status rc_recorder_begin_epoch(struct rc_recorder *recorder, const char *reason)
{
	struct order order = {.kind = ORDER_BEGIN_EPOCH};

	(void)snprintf(order.reason, sizeof(order.reason), "%s", reason);
	return enqueue(recorder, &order);
}

enum rc_status rc_recorder_remember_time(struct rc_recorder *recorder, int64_t known_ms)
{
	struct order order = {.kind = ORDER_REMEMBER_TIME, .number = known_ms};

	return enqueue(recorder, &order);
}

enum rc_status rc_recorder_remember_anchor(struct rc_recorder *recorder, const char *kept)
{
	struct order order = {.kind = ORDER_REMEMBER_ANCHOR, .body_size = strlen(kept)};

	if (!rc_text_copy(kept, order.body, sizeof(order.body)))
		return RC_ELIMIT;
	return enqueue(recorder, &order);
}

enum rc_status rc_recorder_upkeep(struct rc_recorder *recorder, int64_t now_ms, int64_t free_bytes)
{
	struct order order = {.kind = ORDER_UPKEEP, .number = now_ms, .free_bytes = free_bytes};

	return enqueue(recorder, &order);
}

int rc_recorder_descriptor(const struct rc_recorder *recorder)
{
	return recorder->answers_fd;
}

enum rc_status rc_recorder_next(struct rc_recorder *recorder, struct rc_recorder_answer *next)
{
	enum rc_status status = RC_ENOTFOUND;
	uint64_t ignored;

	pthread_mutex_lock(&recorder->lock);
	if (recorder->answer_count > 0) {
		*next = recorder->answers[recorder->first_answer];
		recorder->first_answer = (recorder->first_answer + 1) % (2 * RC_RECORDER_QUEUE_MAX);
		recorder->answer_count--;
		status = RC_OK;
	} else if (read(recorder->answers_fd, &ignored, sizeof(ignored)) < 0) {
		status = RC_ENOTFOUND; /* was drained before */
	}
	pthread_mutex_unlock(&recorder->lock);
	return status;
}

struct rc_recorder_state rc_recorder_state(struct rc_recorder *recorder)
{
	struct rc_recorder_state state;

	pthread_mutex_lock(&recorder->lock);
	state = recorder->state;
	pthread_mutex_unlock(&recorder->lock);
	return state;
}
