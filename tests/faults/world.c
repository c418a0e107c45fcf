/* SPDX-License-Identifier: Apache-2.0 */
/* How a world begins and ends. What takes long (a schema, a CA, certificates) is made once a process, and copied for each. */
#include "tests/faults/world.h"

#include "tests/sim/power/power.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char ground[RC_SIM_FOLDER_CHARS]; /* the world that all others are copies of; "" until it is there */
static struct rc_id cards[WORLD_CARDS];

/* ---- numbers and words ---- */

long world_below(struct world *world, long below)
{
	return random_below(&world->random, below);
}

bool world_may(struct world *world, int percent)
{
	return world_below(world, 100) < percent;
}

void world_note(struct world *world, const char *format, ...)
{
	char line[256];
	va_list list;

	va_start(list, format);
	(void)vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	for (const char *at = line; *at != '\0'; at++)
		world->trace = (world->trace ^ (uint8_t)*at) * UINT64_C(1099511628211);
	if (world->tells)
		(void)printf("%8lld %s\n", (long long)(world->now_ms - WORLD_BEGIN_MS) / 1000, line);
}

void world_pass(struct world *world, int64_t ms)
{
	world->now_ms += ms;
	for (int i = 0; i < WORLD_KIOSKS; i++)
		rc_sim_clock_pass(&world->kiosks[i].system, ms);
}

/* ---- folders ---- */

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	abort();
}

static void copy_file(const char *from, const char *to, const struct stat *found)
{
	static uint8_t piece[65536];
	const int in = open(from, O_RDONLY | O_CLOEXEC);
	const int out =
	    open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, found->st_mode & (mode_t)0777);
	ssize_t got;

	must(in >= 0 && out >= 0, to);
	while ((got = read(in, piece, sizeof(piece))) > 0)
		must(write(out, piece, (size_t)got) == got, to);
	(void)close(in);
	must(close(out) == 0, to);
}

static void copy_entries(const char *from, const char *to)
{
	DIR *dir = opendir(from);
	struct dirent *entry;

	must(dir != NULL && mkdir(to, 0700) == 0, to);
	while ((entry = readdir(dir)) != NULL) {
		char inner_from[WORLD_PATH_CHARS * 2], inner_to[WORLD_PATH_CHARS * 2];
		struct stat found;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		(void)snprintf(inner_from, sizeof(inner_from), "%s/%s", from, entry->d_name);
		(void)snprintf(inner_to, sizeof(inner_to), "%s/%s", to, entry->d_name);
		must(stat(inner_from, &found) == 0, inner_from);
		if (S_ISDIR(found.st_mode))
			copy_entries(inner_from, inner_to);
		else
			copy_file(inner_from, inner_to, &found);
	}
	(void)closedir(dir);
}

void world_copy_folder(const char *from, const char *to)
{
	if (access(to, F_OK) == 0)
		rc_sim_folder_remove(to);
	copy_entries(from, to);
}

/* ---- worlds ---- */

static void read_clock(void *context, struct rc_clock_reading *reading)
{
	const struct world *world = context;

	*reading = (struct rc_clock_reading){
	    .at_ms = world->now_ms, .up_ms = world->now_ms, .source = RC_CLOCK_NTP};
}

static void begin(struct world *world, uint64_t seed)
{
	memset(world, 0, sizeof(*world));
	world->random = seed;
	world->now_ms = WORLD_BEGIN_MS;
	world->clock = (struct rc_clock){.read = read_clock, .context = world};
	for (int i = 0; i < WORLD_KIOSKS; i++)
		world_kiosk_place(world, i);
}

static void remove_ground(void)
{
	rc_sim_folder_remove(ground);
}

/* A kiosk's first enrolment, by a network that carries everything. */
static void furnish(void)
{
	static struct world world;

	begin(&world, 0);
	rc_sim_folder_make(rc_sim_folder_memory(), "world", world.folder);
	(void)snprintf(ground, sizeof(ground), "%s", world.folder);
	must(atexit(remove_ground) == 0, "atexit");
	world.is_calm = true;
	world_server_start(&world);
	for (int i = 0; i < WORLD_CARDS; i++) {
		struct world_kiosk *kiosk = &world.kiosks[i];

		world_kiosk_place(&world, i);
		must(mkdir(kiosk->folder, 0700) == 0 && mkdir(kiosk->roster, 0700) == 0, kiosk->folder);
		if (!world_enrol(&world, kiosk))
			must(false, "a kiosk of the ground is not let in");
		cards[i] = kiosk->session.identity.kiosk;
		rc_sync__end_session(&kiosk->session);
		rc_anchor_free(kiosk->anchor);
	}
	world_server_stop(&world);
}

void world_make(struct world *world, uint64_t seed)
{
	rc_power_install_as_default();
	if (ground[0] == '\0')
		furnish();
	begin(world, seed);
	rc_sim_folder_make(rc_sim_folder_memory(), "world", world->folder);
	must(rmdir(world->folder) == 0, world->folder);
	copy_entries(ground, world->folder);
	world_server_start(world);
	for (int i = 0; i < WORLD_KIOSKS; i++) {
		world_kiosk_place(world, i);
		world->kiosks[i].is_there = i < WORLD_CARDS;
		if (i < WORLD_CARDS)
			world->kiosks[i].id = cards[i];
	}
}

void world_end(struct world *world)
{
	for (int i = 0; i < WORLD_KIOSKS; i++)
		world_kiosk_stop(&world->kiosks[i]);
	world_server_stop(world);
	rc_sim_folder_remove(world->folder);
}
