/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollcall-bench: the figures that need no other program. Rows of JSON on stdout; bench.py makes the table of them.
 */
#include "shared/base/log.h"
#include "tests/bench/bench.h"

#include <stdio.h>
#include <string.h>

static const struct section {
	const char *name;
	void (*run)(const struct bench *bench);
} sections[] = {
    {"journal", bench_journal},
    {"facts", bench_facts},
    {"ingest", bench_ingest},
    {"http", bench_http},
};
#define SECTION_COUNT (sizeof(sections) / sizeof(sections[0]))

static int usage(void)
{
	(void)fprintf(stderr, "rollcall-bench --folder FOLDER [--quick] SECTION…\nsections:");
	for (size_t i = 0; i < SECTION_COUNT; i++)
		(void)fprintf(stderr, " %s", sections[i].name);
	(void)fputc('\n', stderr);
	return 2;
}

static const struct section *find(const char *name)
{
	for (size_t i = 0; i < SECTION_COUNT; i++) {
		if (strcmp(sections[i].name, name) == 0)
			return &sections[i];
	}
	return NULL;
}

int main(int count, char **arguments)
{
	struct bench bench = {0};
	int i = 1;

	for (; i < count && arguments[i][0] == '-'; i++) {
		if (strcmp(arguments[i], "--quick") == 0)
			bench.is_quick = true;
		else if (strcmp(arguments[i], "--folder") == 0 && i + 1 < count)
			bench.folder = arguments[++i];
		else
			return usage();
	}
	for (int j = i; j < count; j++) {
		if (!find(arguments[j]))
			return usage();
	}
	if (!bench.folder || i == count)
		return usage();
	rc_log_set_level(RC_LOG_WARNING);
	for (; i < count; i++)
		find(arguments[i])->run(&bench);
	return 0;
}
