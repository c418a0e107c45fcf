/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a view model: refused or read, and what was read is ended text, known codes and counts in range. */
#include "firmware/screen/view.h"
#include "firmware/screen/wording.h"
#include "shared/base/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool is_so)
{
	if (!is_so)
		abort();
}

static void say_all(const struct rc_view *view)
{
	struct rc_words words;
	struct rc_calm_words calm;
	struct rc_row_words row;

	rc_words_of_greeting(view, &words);
	expect(rc_utf8_is_valid(rc_bytes_of_text(words.huge)));
	expect(rc_utf8_is_valid(rc_bytes_of_text(words.line)));
	expect(rc_utf8_is_valid(rc_bytes_of_text(words.foot)));
	rc_words_of_calm(view, &calm);
	expect(rc_utf8_is_valid(rc_bytes_of_text(calm.room)));
	for (size_t i = 0; i < view->recent_count; i++)
		rc_words_of_row(&view->recent[i], &row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rc_view view;
	struct rc_error err;

	if (rc_view_decode(rc_bytes_of(data, size), &view, &err) != RC_OK)
		return 0;
	expect(view.recent_count <= RC_VIEW_RECENT_MAX);
	expect(view.greeting.choice_count <= RC_VIEW_CHOICE_MAX);
	expect(view.header.here_count >= 0 && view.header.here_count <= RC_VIEW_NUMBER_MAX);
	expect((unsigned)view.greeting.scan.verdict < RC_VERDICT_COUNT);
	if (view.screen == RC_VIEW_GREETING || view.screen == RC_VIEW_FAULT)
		say_all(&view);
	return 0;
}
