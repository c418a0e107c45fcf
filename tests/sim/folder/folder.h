/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TESTS_SIM_FOLDER_H
#define RC_TESTS_SIM_FOLDER_H
/*
 * A folder of its own for each test, gone afterwards with all that is in it. What can't be made or removed ends the program: a test
 * would go on with another's files.
 */
#define RC_SIM_FOLDER_CHARS 64u

/* Makes "PARENT/rollcall-NAME-XXXXXX"; `parent` NULL is /tmp. Only the user who runs the test may look into it. */
void rc_sim_folder_make(const char *parent, const char *name, char path[RC_SIM_FOLDER_CHARS]);

/* A parent in memory, where syncs cost nothing; /tmp where there is none. For tests that simulate their disk. */
const char *rc_sim_folder_memory(void);

/* Links in it are removed and not followed. */
void rc_sim_folder_remove(const char *path);

#endif
