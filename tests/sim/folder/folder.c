/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/folder/folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_AT_ONCE 8

static void must(int code, const char *path)
{
	if (code == 0)
		return;
	perror(path);
	abort();
}

void rc_sim_folder_make(const char *parent, const char *name, char path[RC_SIM_FOLDER_CHARS])
{
	const int size = snprintf(path, RC_SIM_FOLDER_CHARS, "%s/rollcall-%s-XXXXXX",
				  parent ? parent : "/tmp", name);

	must(size < (int)RC_SIM_FOLDER_CHARS && mkdtemp(path) ? 0 : -1, path);
}

const char *rc_sim_folder_memory(void)
{
	return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

static int remove_one(const char *path, const struct stat *found, int kind, struct FTW *place)
{
	(void)found;
	(void)kind;
	(void)place;
	return remove(path);
}

void rc_sim_folder_remove(const char *path)
{
	must(nftw(path, remove_one, OPEN_AT_ONCE, FTW_DEPTH | FTW_PHYS), path);
}
