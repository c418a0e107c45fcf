/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a program's settings, in their order. */
#include "shared/settings/settings_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct names {
	char *name[RC_SETTINGS_FILES_MAX];
	size_t count;
};

static void free_names(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->name[i]);
}

static void note_errno(struct rc_settings_findings *findings, bool is_error, const char *path, int number)
{
	struct rc_error err;

	(void)rc_fail_errno(&err, number, "can't be read");
	rc_settings__note(findings, is_error, path, 0, err.text);
}

/* Reads until the end or one byte over the limit. */
static bool read_all(int fd, struct rc_buf *content)
{
	uint8_t piece[8192];
	ssize_t size;

	while (content->size <= RC_SETTINGS_FILE_MAX_BYTES) {
		size = read(fd, piece, sizeof(piece));
		if (size < 0 && errno == EINTR)
			continue;
		if (size <= 0)
			return size == 0;
		rc_buf_append(content, piece, (size_t)size);
	}
	return true;
}

/* Opened without waiting, so that a pipe in place of a file can't hold the program up. */
static void take_file(struct rc_settings *settings, const char *path, bool may_be_missing,
		      struct rc_settings_findings *findings)
{
	RC_AUTO(rc_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	RC_AUTO(rc_buf_deinit) struct rc_buf content;
	struct stat info;

	rc_buf_init(&content, RC_SETTINGS_FILE_MAX_BYTES + 65536);
	if (fd < 0) {
		note_errno(findings, !(may_be_missing && errno == ENOENT), path, errno);
		return;
	}
	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
		rc_settings__note(findings, true, path, 0, "is no file");
		return;
	}
	if (!read_all(fd, &content)) {
		note_errno(findings, true, path, errno);
		return;
	}
	if (content.status != RC_OK)
		rc_settings__note(findings, true, path, 0, "no memory to read it");
	else
		rc_settings_take(settings, path, rc_buf_bytes(&content), findings);
}

static bool is_settings_file(const char *name)
{
	const size_t size = strlen(name);

	return name[0] != '.' && size > 5 && strcmp(name + size - 5, ".conf") == 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The folder may be missing. */
static void list_folder(const char *folder, struct names *names, struct rc_settings_findings *findings)
{
	struct dirent *entry;
	DIR *dir = opendir(folder);

	if (!dir) {
		if (errno != ENOENT)
			note_errno(findings, true, folder, errno);
		return;
	}
	while ((entry = readdir(dir))) {
		if (!is_settings_file(entry->d_name))
			continue;
		if (names->count == RC_SETTINGS_FILES_MAX) {
			rc_settings__note(findings, true, folder, 0, "holds more than 64 files");
			break;
		}
		names->name[names->count] = strdup(entry->d_name);
		if (!names->name[names->count])
			rc_settings__note(findings, true, folder, 0, "no memory to list it");
		else
			names->count++;
	}
	(void)closedir(dir);
	qsort(names->name, names->count, sizeof(names->name[0]), compare_names);
}

static void take_folder(struct rc_settings *settings, const char *folder,
			struct rc_settings_findings *findings)
{
	struct names names = {.count = 0};
	char path[PATH_MAX];

	list_folder(folder, &names, findings);
	for (size_t i = 0; i < names.count; i++) {
		int size = snprintf(path, sizeof(path), "%s/%s", folder, names.name[i]);

		if (size < 0 || (size_t)size >= sizeof(path))
			rc_settings__note(findings, true, folder, 0, "a path that is too long");
		else
			take_file(settings, path, false, findings);
	}
	free_names(&names);
}

enum rc_status rc_settings_load(const struct rc_settings_table *table, const char *path,
				struct rc_settings **settings, struct rc_settings_findings *findings)
{
	RC_AUTO(rc_settings_free_p) struct rc_settings *loaded = rc_settings_new(table);
	const unsigned errors = findings->errors;
	char folder[PATH_MAX];
	int size = snprintf(folder, sizeof(folder), "%s.d", path);

	if (!loaded)
		return RC_ENOMEM;
	if (size < 0 || (size_t)size >= sizeof(folder))
		return RC_EUSAGE;
	take_file(loaded, path, true, findings);
	take_folder(loaded, folder, findings);
	rc_settings_finish(loaded, findings);
	if (findings->errors > errors)
		return RC_EUSAGE;
	*settings = RC_STEAL(loaded);
	return RC_OK;
}

static bool is_missing(const char *path)
{
	char folder[PATH_MAX];

	(void)snprintf(folder, sizeof(folder), "%s.d", path);
	return access(path, F_OK) != 0 && access(folder, F_OK) != 0;
}

enum rc_status rc_settings_open(const struct rc_settings_table *table, const char *named,
				const char *usual, struct rc_settings **settings, struct rc_error *err)
{
	struct rc_settings_findings findings;
	enum rc_status status;

	if (!named && is_missing(usual)) {
		*settings = rc_settings_new(table);
		return *settings ? RC_OK : rc_fail(err, RC_ENOMEM, "no memory for settings");
	}
	if (named && access(named, R_OK) != 0)
		return rc_fail(err, RC_EUSAGE, "--config: %s can't be read", named);
	rc_settings_findings_init(&findings);
	status = rc_settings_load(table, named ? named : usual, settings, &findings);
	if (findings.text.size > 0)
		fputs(rc_buf_text(&findings.text), stderr);
	rc_settings_findings_deinit(&findings);
	return status == RC_OK ? RC_OK : rc_fail(err, RC_EFORMAT, "the settings can't be used");
}
