/* SPDX-License-Identifier: Apache-2.0 */
/* One catalogue, one switch. Chinese has no plural, so a counted text has two keys that may have the same translation. */
#include "shared/words/words.h"

#include "shared/base/status.h"
#include "shared/catalogue/catalogue.h"
#include "shared/words_gen/chinese.h"

static bool speaks_chinese;

const char *rc_words(const char *english)
{
	struct rc_bytes found;

	if (!speaks_chinese || !english[0]) /* the empty key is the catalogue's own header */
		return english;
	found = rc_catalogue_find(rc_bytes_of(rc_words_chinese, rc_words_chinese_size), english);
	return found.size > 0 ? (const char *)found.data : english;
}

const char *rc_words_counted(long long count, const char *one, const char *many)
{
	return rc_words(count == 1 ? one : many);
}

void rc_words_speak_chinese(bool is_chinese)
{
	speaks_chinese = is_chinese;
	rc_error_speak(is_chinese ? rc_words : NULL);
}
