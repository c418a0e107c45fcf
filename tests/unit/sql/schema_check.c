/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/sql/schema_check.h"
#include "shared/base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALLOWED_MAX    256u
#define PLAN_MAX_BYTES 65536u

struct allowed {
	char statement[96], table[96];
	bool is_used;
};

struct schema_check {
	char folder[48];
	struct rc_db *db;
	struct allowed allowed[ALLOWED_MAX];
	size_t allowed_count;
};

/* ---- the list ---- */

static bool load_line(struct schema_check *check, const char *line, int number)
{
	struct allowed *allowed = &check->allowed[check->allowed_count];
	char reason[8];

	if (line[0] == '#' || line[0] == '\n')
		return true;
	if (check->allowed_count == ALLOWED_MAX ||
	    sscanf(line, "%95[^\t]\t%95[^\t]\t%7[^\n]", allowed->statement, allowed->table, reason) != 3) {
		(void)fprintf(stderr, "allowed scans, line %d: statement, table and reason, parted by tabs\n",
			      number);
		return false;
	}
	check->allowed_count++;
	return true;
}

static bool load_list(struct schema_check *check, const char *path)
{
	FILE *file = fopen(path, "re");
	bool is_good = file != NULL;
	char line[512];

	for (int number = 1; is_good && fgets(line, sizeof(line), file) != NULL; number++)
		is_good = load_line(check, line, number);
	if (file != NULL)
		(void)fclose(file);
	return is_good;
}

static bool is_allowed(struct schema_check *check, const char *statement, const char *table)
{
	for (size_t i = 0; i < check->allowed_count; i++) {
		struct allowed *allowed = &check->allowed[i];

		if (strcmp(allowed->statement, statement) == 0 && strcmp(allowed->table, table) == 0) {
			allowed->is_used = true;
			return true;
		}
	}
	return false;
}

int schema_check_unused(const struct schema_check *check)
{
	int found = 0;

	for (size_t i = 0; i < check->allowed_count; i++) {
		if (check->allowed[i].is_used)
			continue;
		(void)fprintf(stderr, "%s does not scan %s (any more): take it off the list\n",
			      check->allowed[i].statement, check->allowed[i].table);
		found++;
	}
	return found;
}

/* ---- life cycle ---- */

void schema_check_free(struct schema_check *check)
{
	static const char *const names[] = {"check.db", "check.db-wal", "check.db-shm", "check.db-writer"};
	char path[96];

	rc_db_close(check->db);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", check->folder, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(check->folder);
	free(check);
}

static enum rc_status open_fresh(struct schema_check *check, const struct rc_sql_migration *migrations,
				 size_t count, struct rc_error *err)
{
	char url[96];
	enum rc_status status;

	(void)snprintf(check->folder, sizeof(check->folder), "/tmp/rollcall-schema-XXXXXX");
	if (mkdtemp(check->folder) == NULL)
		return rc_fail(err, RC_EIO, "no folder below /tmp");
	(void)snprintf(url, sizeof(url), "sqlite:%s/check.db", check->folder);
	status = rc_db_open(url, NULL, &check->db, err);
	return status == RC_OK ? rc_db_migrate(check->db, migrations, count, err) : status;
}

struct schema_check *schema_check_new(const struct rc_sql_migration *migrations, size_t count,
				      const char *allowed_path)
{
	struct schema_check *check = calloc(1, sizeof(*check));
	struct rc_error err = {{0}};

	if (check == NULL)
		return NULL;
	if (!load_list(check, allowed_path))
		(void)rc_fail(&err, RC_EFORMAT, "%s can't be read", allowed_path);
	else if (open_fresh(check, migrations, count, &err) == RC_OK)
		return check;
	(void)fprintf(stderr, "%s\n", err.text);
	schema_check_free(check);
	return NULL;
}

/* ---- plans ---- */

/* A line of a plan is "SCAN table" with or without "USING INDEX …"; constants and rows that a query made itself are no table. */
static int check_step(struct schema_check *check, const char *statement, const char *step)
{
	char table[96];

	if (sscanf(step, "SCAN %95s", table) != 1 || table[0] == '(' ||
	    strstr(step, "CONSTANT ROW") != NULL)
		return 0;
	if (is_allowed(check, statement, table))
		return 0;
	(void)fprintf(stderr, "%s reads all of %s (\"%s\"): give it an index, or a line with a reason in allowed_scans.tsv\n",
		      statement, table, step);
	return 1;
}

static int check_plan(struct schema_check *check, const char *statement, char *plan)
{
	int found = 0;
	char *rest = NULL;

	for (char *step = strtok_r(plan, "\n", &rest); step != NULL; step = strtok_r(NULL, "\n", &rest))
		found += check_step(check, statement, step);
	return found;
}

int schema_check_statement(struct schema_check *check, const struct rc_sql_statement *statement)
{
	struct rc_error err = {{0}};
	struct rc_buf plan;
	int found = 1;

	rc_buf_init(&plan, PLAN_MAX_BYTES);
	if (rc_db_explain(check->db, statement, &plan, &err) != RC_OK) {
		(void)fprintf(stderr, "%s\n", err.text);
	} else {
		char *text = rc_buf_take_text(&plan);

		found = text != NULL ? check_plan(check, statement->name, text) : 0;
		free(text);
	}
	rc_buf_deinit(&plan);
	return found;
}
