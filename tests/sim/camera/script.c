/* SPDX-License-Identifier: Apache-2.0 */
/* Paths are all resolved when the script is read, so that a mistake shows at the start and not in the tenth minute. */
#include "tests/sim/camera/script.h"

#include "shared/base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PATHS_MAX 100000

static void scene_deinit(struct rc_scene *scene)
{
	for (size_t i = 0; i < scene->count; i++)
		free(scene->paths[i]);
	free(scene->paths);
	*scene = (struct rc_scene){0};
}

void rc_script_deinit(struct rc_script *script)
{
	for (size_t i = 0; i < script->count; i++)
		scene_deinit(&script->scenes[i]);
	free(script->scenes);
	*script = (struct rc_script){0};
}

/* Takes `path`, also when it fails. */
static bool add_path(struct rc_scene *scene, char *path)
{
	char **paths = path ? realloc(scene->paths, (scene->count + 1) * sizeof(*paths)) : NULL;

	if (!paths) {
		free(path);
		return false;
	}
	scene->paths = paths;
	scene->paths[scene->count++] = path;
	return true;
}

static int is_picture(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && (strcmp(dot, ".pgm") == 0 || strcmp(dot, ".png") == 0 ||
		       strcmp(dot, ".jpg") == 0 || strcmp(dot, ".jpeg") == 0);
}

static enum rc_status add_folder(struct rc_scene *scene, const char *folder, struct rc_error *err)
{
	struct dirent **entries = NULL;
	const int count = scandir(folder, &entries, is_picture, alphasort);
	bool is_good = count > 0 && count <= PATHS_MAX;

	for (int i = 0; i < count; i++) {
		char *path = NULL;

		if (is_good && asprintf(&path, "%s/%s", folder, entries[i]->d_name) < 0)
			path = NULL;
		if (is_good)
			is_good = add_path(scene, path);
		free(entries[i]);
	}
	free(entries);
	return is_good ? RC_OK : rc_fail(err, RC_ENOTFOUND, "no pictures in %s", folder);
}

static enum rc_status fill_scene(struct rc_scene *scene, const char *what, struct rc_error *err)
{
	struct stat status;

	scene->is_end = strcmp(what, "end") == 0;
	if (scene->is_end || strcmp(what, "-") == 0)
		return RC_OK;
	if (stat(what, &status) != 0)
		return rc_fail_errno(err, errno, "%s", what);
	if (S_ISDIR(status.st_mode))
		return add_folder(scene, what, err);
	return add_path(scene, strdup(what)) ? RC_OK : rc_fail(err, RC_ENOMEM, "no memory");
}

enum rc_status rc_script_add(struct rc_script *script, int64_t at_ms, const char *what,
			     struct rc_error *err)
{
	struct rc_scene scene = {.at_ms = at_ms};
	struct rc_scene *scenes;
	enum rc_status status;

	if (at_ms < 0 || (script->count > 0 && at_ms < script->scenes[script->count - 1].at_ms))
		return rc_fail(err, RC_EUSAGE, "a scene's time is before the one above it");
	status = fill_scene(&scene, what, err);
	scenes = status == RC_OK ? realloc(script->scenes, (script->count + 1) * sizeof(*scenes)) : NULL;
	if (!scenes) {
		scene_deinit(&scene);
		return status != RC_OK ? status : rc_fail(err, RC_ENOMEM, "no memory");
	}
	script->scenes = scenes;
	script->scenes[script->count++] = scene;
	return RC_OK;
}

static enum rc_status add_line(struct rc_script *script, char *line, struct rc_error *err)
{
	char *end = NULL;
	long long at_ms;

	line[strcspn(line, "\r\n")] = '\0';
	if (line[0] == '\0' || line[0] == '#')
		return RC_OK;
	errno = 0;
	at_ms = strtoll(line, &end, 10);
	if (errno != 0 || end == line || *end != '\t' || end[1] == '\0')
		return rc_fail(err, RC_EUSAGE, "not `AT_MS<TAB>SCENE`");
	return rc_script_add(script, at_ms, end + 1, err);
}

enum rc_status rc_script_load(struct rc_script *script, const char *path, struct rc_error *err)
{
	FILE *file = fopen(path, "re");
	char line[4200];
	enum rc_status status = RC_OK;
	unsigned number = 0;

	if (!file)
		return rc_fail_errno(err, errno, "%s", path);
	while (status == RC_OK && fgets(line, sizeof(line), file)) {
		number++;
		status = add_line(script, line, err);
	}
	(void)fclose(file);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "%s:%u", path, number);
}

const struct rc_scene *rc_script_at(const struct rc_script *script, int64_t at_ms)
{
	const struct rc_scene *scene = NULL;

	for (size_t i = 0; i < script->count && script->scenes[i].at_ms <= at_ms; i++)
		scene = &script->scenes[i];
	return scene;
}

const char *rc_scene_picture(const struct rc_scene *scene, int64_t since_ms, int64_t frame_ms)
{
	const size_t frame = (size_t)(since_ms / frame_ms);

	if (scene->count == 0)
		return NULL;
	return scene->paths[frame < scene->count ? frame : scene->count - 1];
}
