/* SPDX-License-Identifier: Apache-2.0 */
/* The families that Prometheus' own clients give of a process. */
#include "server/metrics/metrics_priv.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static double resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long size = 0, resident = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%ld %ld", &size, &resident) != 2)
		resident = -1;
	(void)fclose(file);
	return resident < 0 ? -1 : (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static double open_descriptors(void)
{
	DIR *listing = opendir("/proc/self/fd");
	double count = -3; /* ".", ".." and the listing's own */

	if (!listing)
		return -1;
	while (readdir(listing))
		count++;
	(void)closedir(listing);
	return count;
}

static double seconds_of(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static void gauge_unless_unknown(struct rc_buf *text, const char *name, const char *help, double number)
{
	if (number >= 0)
		rc_metrics__gauge(text, name, help, number);
}

void rc_metrics__write_process(struct rc_buf *text)
{
	struct rusage usage;
	struct rlimit files;

	gauge_unless_unknown(text, "process_resident_memory_bytes",
			     "Memory of the server that is in RAM.", resident_bytes());
	gauge_unless_unknown(text, "process_open_fds", "Descriptors that are open.", open_descriptors());
	if (getrlimit(RLIMIT_NOFILE, &files) == 0)
		rc_metrics__gauge(text, "process_max_fds", "Descriptors that may be open.",
				  (double)files.rlim_cur);
	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return;
	rc_metrics__family(text, "process_cpu_seconds_total", "counter",
			   "Time that processors have worked for the server.");
	rc_metrics__sample(text, "process_cpu_seconds_total", NULL, NULL,
			   seconds_of(&usage.ru_utime) + seconds_of(&usage.ru_stime));
}
