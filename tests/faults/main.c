/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollcall-faults [--seed N] [--runs N] [--database NAME]: cuts of the power at random moments, and how many of them broke a promise.
 * Each run has a seed of its own, N and the numbers behind it; the seed of one that failed is printed, and makes it again.
 */
#include "shared/base/log.h"
#include "tests/faults/campaign.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct database {
	const char *name;
	campaign_fn *run;
	bool must_lose; /* the control */
} databases[] = {
    {"journal", campaign_journal, false},
    {"roster", campaign_roster, false},
    {"server", campaign_server, false},
    {"world", campaign_world, false},
    {"journal-without-syncs", campaign_journal_unsynced, true},
    {"world-without-syncs", campaign_world_unsynced, true},
};
#define DATABASE_COUNT (sizeof(databases) / sizeof(databases[0]))

struct tally {
	long runs, cut, broken;
};

static void ignore_line(void *context, const char *line, size_t size)
{
	(void)context;
	(void)line;
	(void)size;
}

static struct tally carry_out(const struct database *database, uint64_t seed, long runs)
{
	struct tally tally = {.runs = runs};

	for (long i = 0; i < runs; i++) {
		const struct campaign_run run = database->run(seed + (uint64_t)i);

		tally.cut += run.was_cut ? 1 : 0;
		if (run.is_kept)
			continue;
		tally.broken++;
		if (!database->must_lose)
			(void)printf(
			    "%s: broken: %s\n  again: rollcall-faults --database %s --seed %" PRIu64
			    " --runs 1\n",
			    database->name, run.why.text, database->name, seed + (uint64_t)i);
		(void)fflush(stdout);
	}
	return tally;
}

/* True if it is as it must be. Of what didn't happen in N runs one knows with 95 % that it happens in at most 3 of N. */
static bool tell(const struct database *database, const struct tally *tally)
{
	(void)printf("%s: %ld in %ld runs broke a promise", database->name, tally->broken, tally->runs);
	if (tally->broken == 0)
		(void)printf(" (at most 3/%ld at 95 %%)", tally->runs);
	(void)printf("; the power went in %ld\n", tally->cut);
	if (!database->must_lose)
		return tally->broken == 0;
	if (tally->broken == 0)
		(void)printf("%s: lost nothing, so the runs with syncs prove nothing\n", database->name);
	return tally->broken > 0;
}

static int usage(void)
{
	(void)fprintf(stderr,
		      "rollcall-faults [--seed N] [--runs N] [--database NAME]\ndatabases:");
	for (size_t i = 0; i < DATABASE_COUNT; i++)
		(void)fprintf(stderr, " %s", databases[i].name);
	(void)fputc('\n', stderr);
	return 2;
}

static bool parse_number(const char *text, uint64_t most, uint64_t *number)
{
	char *end;

	*number = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && *number <= most;
}

int main(int count, char **arguments)
{
	uint64_t seed = 1, runs = 1000;
	const char *only = NULL;
	bool is_good = true, is_known = false;

	for (int i = 1; i < count; i += 2) {
		const char *value = i + 1 < count ? arguments[i + 1] : "";

		if (strcmp(arguments[i], "--seed") == 0 && parse_number(value, UINT64_MAX, &seed))
			continue;
		if (strcmp(arguments[i], "--runs") == 0 && parse_number(value, 100000000, &runs) &&
		    runs > 0)
			continue;
		if (strcmp(arguments[i], "--database") != 0 || value[0] == '\0')
			return usage();
		only = value;
	}
	rc_log_set_sink(ignore_line, NULL);
	for (size_t i = 0; i < DATABASE_COUNT; i++) {
		if (only != NULL && strcmp(only, databases[i].name) != 0)
			continue;
		const struct tally tally = carry_out(&databases[i], seed, (long)runs);

		is_known = true;
		is_good = tell(&databases[i], &tally) && is_good;
	}
	return is_known ? !is_good : usage();
}
