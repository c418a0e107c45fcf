/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target's entry point once over every file of the folders it is given: the seeds as a unit test, in builds
 * without libFuzzer. A folder without files is a failure, so that a moved corpus can't pass in silence.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	uint8_t *data = NULL;
	long size;
	FILE *file = fopen(path, "rb");
	int failed = 1;

	if (!file)
		return 1;
	if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0) {
		data = malloc((size_t)size + 1);
		if (data && fread(data, 1, (size_t)size, file) == (size_t)size)
			failed = LLVMFuzzerTestOneInput(data, (size_t)size) != 0;
	}
	free(data);
	return fclose(file) != 0 || failed;
}

static int replay_folder(const char *folder)
{
	char path[4096];
	struct dirent *entry;
	DIR *dir = opendir(folder);
	int count = 0, failed = 0;

	if (!dir) {
		perror(folder);
		return 1;
	}
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		count++;
		if (replay_file(path)) {
			fprintf(stderr, "%s: failed\n", path);
			failed = 1;
		}
	}
	(void)closedir(dir);
	printf("%d seeds of %s\n", count, folder);
	return failed || count == 0;
}

int main(int argc, char **argv)
{
	int failed = argc < 2;

	for (int i = 1; i < argc; i++)
		failed |= replay_folder(argv[i]);
	return failed;
}
