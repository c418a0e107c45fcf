/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CHANGES_CHANGES_H
#define RC_CHANGES_CHANGES_H
/*
 * How reference travels down: the one ordered log of changes that kiosks follow with a cursor.
 *
 * A write function collects in a list what it changed and publishes it once, as its last step: the changes take their numbers
 * from the log's head there, so numbers appear in the order of commits and without gaps. What the log says of an entity last
 * also stands in change_current, which is all that a snapshot is. Payloads are encoded by shared/reference; this module never
 * looks into them. A list belongs to one thread; everything else may be called by any thread.
 */
#include "shared/base/buf.h"
#include "shared/reference/reference.h"

struct rc_db;
struct rc_db_tx;

#define RC_CHANGES_LIST_MAX                                                                        \
	200000u /* changes of one write function: an import of 50,000 people with their badges */
#define RC_CHANGES_LIST_MAX_BYTES (256u * 1024u * 1024u)
#define RC_CHANGES_SCOPES_MAX     4u /* a kiosk follows three: all, its site, itself */
#define RC_CHANGES_KEPT_MS        (120 * RC_DAY_MS) /* an older cursor gets a snapshot */
#define RC_CHANGES_PRESENCE_MS                                                                     \
	(30 * RC_DAY_MS) /* presence of sessions longer ago is no use at a door */

#define RC_CHANGES_SCOPE_ALL "all"

/* "site:S" and "kiosk:K" as scopes. A site is named by its id, as in the tables, not by its code; cut at the limit, which no id reaches. */
void rc_changes_scope_of_site(const char *site, char scope[RC_SCOPE_MAX_CHARS + 1]);
void rc_changes_scope_of_kiosk(const struct rc_id *kiosk, char scope[RC_SCOPE_MAX_CHARS + 1]);

/*
 * What one write function wants to tell: at most one change an entity, the last one added. A write function may be run again from
 * its beginning: init the list inside it and deinit it there. As with rc_buf, the first addition that doesn't fit is reported once,
 * by rc_changes_publish.
 */
struct rc_changes_item;
struct rc_changes_list {
	struct rc_changes_item *items; /* owned, like the next two */
	size_t count, capacity;
	uint32_t *slots;    /* finds an entity's item: its place + 1, or 0 */
	struct rc_buf text; /* ids, scopes and payloads, one behind the other */
	enum rc_status status;
};

/* An empty list; allocates nothing. */
void rc_changes_list_init(struct rc_changes_list *list);

/* Frees what the list holds; it must be inited again before another use. */
void rc_changes_list_deinit(struct rc_changes_list *list);

/* Adds a put. Everything is copied. `payload` is one JSON object of shared/reference. `version` rises with each put of the entity. */
void rc_changes_list_put(struct rc_changes_list *list, const char *scope, enum rc_entity entity,
			 const char *id, int64_t version, struct rc_bytes payload);

/* Adds a deletion. Without `scope` (NULL) it goes to the scope that the entity was last put in; one that was never put is passed over. */
void rc_changes_list_delete(struct rc_changes_list *list, const char *scope, enum rc_entity entity,
			    const char *id, int64_t version);

/*
 * Writes the list to the log, in its order, and to change_current. The last step of a write function, since it holds the log until the
 * commit; audit rows are written before it, as logs are taken in the order of their names. An empty list costs nothing. A put that
 * moves an entity to another scope is preceded by a deletion in the old one. RC_ELIMIT if the list was too long, RC_EIO and the
 * like from the database.
 */
RC_CHECKED enum rc_status rc_changes_publish(struct rc_db_tx *tx, const struct rc_changes_list *list,
					     int64_t now_ms, struct rc_error *err);

/* Something of the server's own that all kiosks know: the key to seal to, a setting. */
struct rc_changes_told {
	enum rc_entity entity;
	const char *id;
	struct rc_bytes payload; /* one JSON object of shared/reference */
	bool is_usual; /* kiosks take it for so until they are told: not worth a change that is the first */
};

/* Publishes it in a write of its own, to all kiosks, unless it is what they were told last. `*is_news`: it was another. Blocks. */
RC_CHECKED enum rc_status rc_changes_tell(struct rc_db *db, const struct rc_changes_told *told,
					  int64_t now_ms, bool *is_news, struct rc_error *err);

struct rc_changes_request {
	const struct rc_cursor *cursor; /* NULL: the first time */
	const char *const *scopes; /* 1 … RC_CHANGES_SCOPES_MAX, in any order; the caller knows that the kiosk may have them */
	size_t scope_count;
	uint64_t server_epoch; /* 0: what the database says */
	size_t max_changes; /* of ordinary changes, after which the end line says `more`; 0: 5,000 */
	size_t max_bytes;   /* of ordinary changes, looked at after each line; 0: 4 MiB */
};

struct rc_changes_answer {
	struct rc_cursor cursor; /* the one in the end line */
	bool is_snapshot;
	bool has_more;
	bool is_ahead; /* a cursor of this epoch and subscription beyond the head: an older copy of the database was put in place */
	int64_t count; /* change lines; 0 with an ordinary answer: nothing new, the caller may park the request */
};

/*
 * Appends the answer as NDJSON with its end line: the changes after the cursor, or a snapshot where there is no cursor, or one of
 * another server epoch or subscription, beyond the head, or older than the log keeps. One consistent view of the database. A
 * snapshot is never cut: `body` needs room for the whole roster of a site (about 1 KiB a person); RC_ELIMIT if it has not.
 * Blocks for the database. On any failure what stands in `body` is worthless.
 */
RC_CHECKED enum rc_status rc_changes_answer(struct rc_db *db, const struct rc_changes_request *request,
					    struct rc_changes_answer *answer, struct rc_buf *body,
					    struct rc_error *err);

/* The number of the newest change: what a parked request compares with. A read of one row. */
RC_CHECKED enum rc_status rc_changes_head(struct rc_db *db, int64_t *n, struct rc_error *err);

/*
 * Drops changes older than RC_CHANGES_KEPT_MS, in pieces of a thousand, and remembers up to which number. Presence that is older
 * than RC_CHANGES_PRESENCE_MS is deleted (and published as deleted), so that snapshots don't grow for ever. Meant for once a day;
 * `*dropped` is the number of log rows removed. Blocks for seconds on a large log.
 */
RC_CHECKED enum rc_status rc_changes_trim(struct rc_db *db, int64_t now_ms, int64_t *dropped,
					  struct rc_error *err);

#endif
