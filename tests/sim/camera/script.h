/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SIM_CAMERA_SCRIPT_H
#define RC_SIM_CAMERA_SCRIPT_H
/*
 * What a simulated camera shows and when. A script is lines of `AT_MS<TAB>SCENE`, times rising from 0; a scene is a picture,
 * a folder (its pictures in the order of their names, one a frame, the last one stays), `-` (no frames: the lens is covered)
 * or `end` (the camera is over). Empty lines and those that begin with `#` are passed over. Relative paths are the caller's
 * folder's. Without `end` the last scene stays for ever.
 *
 * Pure but for looking into folders. One thread.
 */
#include "shared/base/status.h"

#include <stdint.h>

struct rc_scene {
	int64_t at_ms;
	char **paths; /* one picture a frame; owned */
	size_t count; /* 0: no frames */
	bool is_end;
};

struct rc_script {
	struct rc_scene *scenes; /* owned */
	size_t count;
};

/* Zeroed is an empty script. */
void rc_script_deinit(struct rc_script *script);

/* Adds a scene at `at_ms`. RC_ENOTFOUND: no such picture or folder, or an empty folder; RC_EUSAGE: the time is before the
 * last one's. */
RC_CHECKED enum rc_status rc_script_add(struct rc_script *script, int64_t at_ms, const char *scene,
					struct rc_error *err);

/* Reads a script from a file; the error names the line. */
RC_CHECKED enum rc_status rc_script_load(struct rc_script *script, const char *path,
					 struct rc_error *err);

/* The scene of a moment; NULL before the first. */
const struct rc_scene *rc_script_at(const struct rc_script *script, int64_t at_ms);

/* Its picture in the frame that is shown `since_ms` after the scene began, at `frame_ms` a frame; NULL: none. */
const char *rc_scene_picture(const struct rc_scene *scene, int64_t since_ms, int64_t frame_ms);

#endif
