/* SPDX-License-Identifier: Apache-2.0 */
/* Label values here are constants, states and kinds of ours: nothing in them needs escaping, and what would is left out. */
#include "server/metrics/metrics_priv.h"

void rc_metrics__family(struct rc_buf *text, const char *name, const char *type, const char *help)
{
	rc_buf_printf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Whole numbers as such, to the last digit. */
static void append_number(struct rc_buf *text, double number)
{
	if (number > -9e15 && number < 9e15 && number == (double)(int64_t)number)
		rc_buf_printf(text, "%.0f\n", number);
	else
		rc_buf_printf(text, "%.3f\n", number);
}

void rc_metrics__sample(struct rc_buf *text, const char *name, const char *label, const char *value,
			double number)
{
	if (!label) {
		rc_buf_printf(text, "%s ", name);
	} else {
		if (strpbrk(value, "\"\\\n"))
			return;
		rc_buf_printf(text, "%s{%s=\"%s\"} ", name, label, value);
	}
	append_number(text, number);
}

void rc_metrics__gauge(struct rc_buf *text, const char *name, const char *help, double number)
{
	rc_metrics__family(text, name, "gauge", help);
	rc_metrics__sample(text, name, NULL, NULL, number);
}

void rc_metrics__counter(struct rc_buf *text, const char *name, const char *help, uint64_t number)
{
	rc_metrics__family(text, name, "counter", help);
	rc_metrics__sample(text, name, NULL, NULL, (double)number);
}
