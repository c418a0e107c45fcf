/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CLI_LIST_H
#define RC_CLI_LIST_H
/* What all verbs that list something have in common: a table for people, and an array of objects with --json. */
#include "server/cli/home.h"
#include "server/reports/text_table.h"

struct rc_cli_list {
	const char *const *headings; /* as many as there are columns, in the user's language */
	size_t columns;
	enum rc_status (*fill_table)(struct rc_db *db, struct rc_text_table *table,
				     struct rc_error *err); /* its rows */
	enum rc_status (*fill_json)(struct rc_db *db, struct rc_buf *json,
				    struct rc_error *err); /* the elements of its array */
};

/* Fills the one that is asked for, and prints it. */
RC_CHECKED enum rc_status rc_cli_list_print(const struct rc_cli_home *home,
					    const struct rc_options *options,
					    const struct rc_cli_list *list, struct rc_error *err);

#endif
