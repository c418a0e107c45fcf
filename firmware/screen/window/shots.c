/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/window/shots.h"

#include <glib.h>

static enum rc_status load_model(const char *path, struct rc_view *view, struct rc_error *err)
{
	char *json = NULL;
	gsize size = 0;
	enum rc_status status;

	if (!g_file_get_contents(path, &json, &size, NULL))
		return rc_fail(err, RC_EIO, "%s can't be read", path);
	status = rc_view_decode(rc_bytes_of(json, size), view, err);
	g_free(json);
	return status;
}

/* One model: shown, drawn, looked over, as asked. */
static enum rc_status take(struct rc_app *app, const char *model, const char *picture,
			   size_t *found_count, struct rc_error *err)
{
	struct rc_view view;
	enum rc_status status = RC_OK;

	if (model) {
		status = load_model(model, &view, err);
		if (status != RC_OK)
			return status;
		rc_app_show(app, &view);
	}
	if (picture)
		status = rc_app_shoot(app, picture, err);
	if (status == RC_OK && found_count)
		*found_count += rc_app_check(app, model ? model : "no daemon");
	return status;
}

static enum rc_status take_file(struct rc_app *app, const struct rc_shots *shots, const char *file,
				size_t *found_count, struct rc_error *err)
{
	char *model = g_build_filename(shots->models, file, NULL);
	char *name = g_strndup(file, strlen(file) - strlen(".json"));
	char *png = g_strconcat(name, ".png", NULL);
	char *picture = shots->picture ? g_build_filename(shots->picture, png, NULL) : NULL;
	enum rc_status status = take(app, model, picture, found_count, err);

	g_free(model);
	g_free(name);
	g_free(png);
	g_free(picture);
	return status;
}

static enum rc_status take_folder(struct rc_app *app, const struct rc_shots *shots,
				  size_t *found_count, struct rc_error *err)
{
	GDir *folder = g_dir_open(shots->models, 0, NULL);
	enum rc_status status = RC_OK;
	const char *file;

	if (!folder)
		return rc_fail(err, RC_EIO, "%s can't be read", shots->models);
	while (status == RC_OK && (file = g_dir_read_name(folder))) {
		if (g_str_has_suffix(file, ".json"))
			status = take_file(app, shots, file, found_count, err);
	}
	g_dir_close(folder);
	return status;
}

enum rc_status rc_shots_take(struct rc_app *app, const struct rc_shots *shots, struct rc_error *err)
{
	size_t found_count = 0;
	size_t *found = shots->is_checking ? &found_count : NULL;
	enum rc_status status = shots->models ? take_folder(app, shots, found, err)
					      : take(app, shots->model, shots->picture, found, err);

	if (status == RC_OK && found_count > 0)
		return rc_fail(err, RC_ELIMIT, "%zu texts can't be read whole", found_count);
	return status;
}
