/* SPDX-License-Identifier: Apache-2.0 */
/* What a sheet says. The status begins with what it means for people; which part of the machinery waits for which comes after. */
#include "firmware/screen/texts.h"
#include "firmware/screen/wording.h"

static void fill_status(const struct rc_view *view, struct rc_sheet_words *words)
{
	static const char *const reasons[] = {
	    [RC_VIEW_TROUBLE_NONE] = N_("It is being sent now."),
	    [RC_VIEW_TROUBLE_NETWORK] =
		N_("This machine has no network. It sends by itself when there is one."),
	    [RC_VIEW_TROUBLE_SERVER] =
		N_("The server doesn’t answer yet. It sends by itself when it does."),
	    [RC_VIEW_TROUBLE_CERTIFICATE] =
		N_("The server can’t be verified. Please tell the administrator."),
	    [RC_VIEW_TROUBLE_REFUSED] =
		N_("The server doesn’t take it yet. Please tell the administrator."),
	};
	const struct rc_text_value values[] = {{"contact", view->sheet.contact},
					       {"place", view->header.room},
					       {"version", view->sheet.version},
					       {NULL, NULL}};
	bool is_fine = !view->sync.is_waiting && view->sheet.trouble == RC_VIEW_TROUBLE_NONE;

	(void)rc_text_copy(
	    rc_text(view->lang, is_fine ? N_("Everything is sent") : N_("Signing in goes on")),
	    words->title, sizeof(words->title));
	(void)rc_text_copy(rc_text(view->lang, is_fine ? N_("The server has every sign-in.")
						       : reasons[view->sheet.trouble]),
			   words->line, sizeof(words->line));
	rc_text_fill(words->rows[0], RC_WORDS_BYTES,
		     rc_text(view->lang, view->sheet.contact[0]
					     ? N_("Last contact with the server: {contact}")
					     : N_("No contact with the server yet")),
		     values);
	rc_words_of_sync(view, words->rows[1]);
	if (!view->sync.is_clock_sure)
		(void)rc_text_copy(rc_text(view->lang, N_("Times are confirmed with the server’s")),
				   words->rows[2], RC_WORDS_BYTES);
	rc_text_fill(words->rows[3], RC_WORDS_BYTES,
		     rc_text(view->lang, N_("Here: {place} · version {version}")), values);
}

void rc_words_of_sheet(const struct rc_view *view, struct rc_sheet_words *words)
{
	static const char *const texts[][2] = {
	    [RC_VIEW_SHEET_NUMBER] = {N_("Staff number"),
				      N_("Type your staff number, then tap “That’s me”.")},
	    [RC_VIEW_SHEET_WHICH] = {N_("Which session?"), N_("Tap yours below.")},
	    [RC_VIEW_SHEET_LATER] =
		{N_("One minute, please"),
		 N_("Many numbers came at once. Or ask the trainer to mark you.")},
	};

	*words = (struct rc_sheet_words){0};
	if (view->sheet.kind == RC_VIEW_SHEET_NONE)
		return;
	if (view->sheet.kind == RC_VIEW_SHEET_STATUS) {
		fill_status(view, words);
		return;
	}
	(void)rc_text_copy(rc_text(view->lang, texts[view->sheet.kind][0]), words->title,
			   sizeof(words->title));
	(void)rc_text_copy(rc_text(view->lang, texts[view->sheet.kind][1]), words->line,
			   sizeof(words->line));
}
