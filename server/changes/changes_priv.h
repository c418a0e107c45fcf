/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CHANGES_CHANGES_PRIV_H
#define RC_CHANGES_CHANGES_PRIV_H
/* What the list and its publishing share. */
#include "server/changes/changes.h"

/* A piece of the list's text; by place, because the text moves as it grows. */
struct rc_changes__span {
	size_t at, size;
};

struct rc_changes_item {
	enum rc_entity entity;
	bool is_deletion;
	bool has_scope; /* a deletion may leave it open */
	int64_t version;
	struct rc_changes__span id, scope, payload;
};

/* Borrowed until the next addition. */
struct rc_bytes rc_changes__span(const struct rc_changes_list *list, struct rc_changes__span span);

#endif
