/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A veil over the panel, the sheet drawn on it, and on that texts and keys. The keys are made anew only when another page, language
 * or size is wanted; the texts with each model.
 */
#include "firmware/screen/window/sheet.h"

#include "firmware/screen/keypad.h"
#include "firmware/screen/texts.h"
#include "firmware/screen/window/choices.h"
#include "firmware/screen/window/drawings.h"
#include "firmware/screen/window/labels.h"
#include "firmware/screen/window/shapes.h"
#include "firmware/screen/wording.h"

#include <math.h>

struct rc_sheet {
	const struct rc_stage *stage;
	void (*touched)(void *context, enum rc_view_touch touch, char key);
	void *context;
	GtkWidget *fixed;
	GtkWidget *veil;
	GtkFixed *texts; /* refilled with each model */
	GtkFixed *keys;  /* kept while somebody types */
	enum rc_view_sheet_kind kind;
	enum rc_view_lang lang;
	bool has_letters;
};

/* ---- what lies behind ---- */

static void draw_veil(GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
	const struct rc_sheet *sheet = data;
	const struct rc_layout *layout = &sheet->stage->layout;
	struct rc_box box = rc_sheet_box(layout);
	bool has_keys = sheet->kind == RC_VIEW_SHEET_NUMBER;

	(void)area;
	cairo_rectangle(cr, 0, 0, width, height);
	rc_shape_source(cr, rc_stage_colour(sheet->stage, RC_COLOUR_VEIL));
	cairo_fill(cr);
	rc_shape_round_box(cr, box.x, box.y, box.width, box.height, layout->size[RC_SIZE_R_SHEET]);
	rc_shape_source(
	    cr, rc_stage_colour(sheet->stage, has_keys ? RC_COLOUR_GROUND : RC_COLOUR_SURFACE));
	cairo_fill(cr);
}

/* Beside the sheet: what only tells something goes at a touch; what was typed is not lost by a slip of the finger. */
static void handle_veil(GtkGestureClick *gesture, int n, double x, double y, gpointer data)
{
	struct rc_sheet *sheet = data;

	(void)gesture;
	(void)n;
	(void)x;
	(void)y;
	if (sheet->kind == RC_VIEW_SHEET_STATUS || sheet->kind == RC_VIEW_SHEET_LATER)
		sheet->touched(sheet->context, RC_VIEW_TOUCH_CANCEL, '\0');
}

struct rc_sheet *rc_sheet_new(const struct rc_stage *stage,
			      void (*touched)(void *context, enum rc_view_touch touch, char key),
			      void *context)
{
	struct rc_sheet *sheet = g_new0(struct rc_sheet, 1);
	GtkGesture *click = gtk_gesture_click_new();

	*sheet = (struct rc_sheet){.stage = stage, .touched = touched, .context = context};
	sheet->fixed = g_object_new(GTK_TYPE_FIXED, "accessible-role", GTK_ACCESSIBLE_ROLE_GROUP, NULL);
	sheet->veil = g_object_new(GTK_TYPE_DRAWING_AREA, "accessible-role",
				   GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
	sheet->texts = GTK_FIXED(gtk_fixed_new());
	sheet->keys = GTK_FIXED(gtk_fixed_new());
	gtk_drawing_area_set_draw_func(GTK_DRAWING_AREA(sheet->veil), draw_veil, sheet, NULL);
	gtk_fixed_put(GTK_FIXED(sheet->fixed), sheet->veil, 0, 0);
	gtk_fixed_put(GTK_FIXED(sheet->fixed), GTK_WIDGET(sheet->texts), 0, 0);
	gtk_fixed_put(GTK_FIXED(sheet->fixed), GTK_WIDGET(sheet->keys), 0, 0);
	gtk_widget_set_halign(sheet->fixed, GTK_ALIGN_START);
	gtk_widget_set_valign(sheet->fixed, GTK_ALIGN_START);
	gtk_widget_set_visible(sheet->fixed, FALSE);
	gtk_widget_add_css_class(sheet->fixed, "sheet");
	g_signal_connect(click, "released", G_CALLBACK(handle_veil), sheet);
	gtk_widget_add_controller(sheet->fixed, GTK_EVENT_CONTROLLER(click));
	g_object_set_data_full(G_OBJECT(sheet->fixed), "rc-sheet", sheet, g_free);
	return sheet;
}

GtkWidget *rc_sheet_widget(struct rc_sheet *sheet)
{
	return sheet->fixed;
}

/* ---- keys ---- */

struct key {
	struct rc_sheet *sheet;
	enum rc_view_touch touch;
	char key;
};

static void handle_key(GtkButton *button, gpointer data)
{
	const struct key *key = data;

	(void)button;
	key->sheet->touched(key->sheet->context, key->touch, key->key);
}

static void key_free(gpointer data, GClosure *closure)
{
	(void)closure;
	g_free(data);
}

/* What stands on a key, and how it is called. */
static const char *face_of(const struct rc_keypad_key *key, char one[2])
{
	one[0] = key->key;
	one[1] = '\0';
	if (key->touch == RC_VIEW_TOUCH_LETTERS)
		return "ABC";
	return key->touch == RC_VIEW_TOUCH_DIGITS ? "123" : one;
}

static const char *name_of(const struct rc_keypad_key *key, enum rc_view_lang lang, char one[2])
{
	switch (key->touch) {
	case RC_VIEW_TOUCH_DELETE:
		return rc_text(lang, N_("Delete"));
	case RC_VIEW_TOUCH_LETTERS:
		return rc_text(lang, N_("Letters"));
	case RC_VIEW_TOUCH_DIGITS:
		return rc_text(lang, N_("Digits"));
	default:
		return key->key == '-' ? rc_text(lang, N_("Hyphen")) : face_of(key, one);
	}
}

static GtkWidget *face_new(const struct rc_sheet *sheet, const struct rc_keypad_key *key)
{
	const struct rc_layout *layout = &sheet->stage->layout;
	const int title = layout->size[RC_SIZE_T_TITLE];
	const int sizes[] = {key->touch == RC_VIEW_TOUCH_KEY ? title : layout->size[RC_SIZE_T_LEAD],
			     layout->size[RC_SIZE_T_BODY], layout->size[RC_SIZE_T_NOTE],
			     layout->size[RC_SIZE_T_NOTE] * 3 / 4};
	struct rc_label_style style = {.line_height = 1,
				       .is_bold = true,
				       .is_tabular = true,
				       .lang = RC_VIEW_EN,
				       .width = key->box.width - layout->size[RC_SIZE_S_2],
				       .colour = RC_COLOUR_INK};
	char one[2];
	GtkWidget *face;

	if (key->touch == RC_VIEW_TOUCH_DELETE) {
		face = rc_drawing_new_icon(sheet->stage, RC_ICON_DEL,
					   MIN(title, key->box.height * 2 / 3), RC_COLOUR_INK);
	} else {
		style.size = rc_label_fit(face_of(key, one), style, sizes, G_N_ELEMENTS(sizes), 1);
		if (style.size > key->box.height * 4 / 5)
			style.size = key->box.height * 4 / 5;
		style.width = 0;
		face = rc_label_new(face_of(key, one), &style);
	}
	gtk_widget_set_halign(face, GTK_ALIGN_CENTER);
	gtk_widget_set_valign(face, GTK_ALIGN_CENTER);
	return face;
}

static void put_key(struct rc_sheet *sheet, const struct rc_keypad_key *key)
{
	GtkWidget *button = gtk_button_new();
	struct key *touch = g_new(struct key, 1);
	char one[2];

	*touch = (struct key){.sheet = sheet, .touch = key->touch, .key = key->key};
	gtk_button_set_child(GTK_BUTTON(button), face_new(sheet, key));
	gtk_widget_set_overflow(button, GTK_OVERFLOW_HIDDEN);
	gtk_widget_set_size_request(button, key->box.width, key->box.height);
	if (key->touch == RC_VIEW_TOUCH_KEY)
		gtk_widget_add_css_class(button, "key");
	gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       name_of(key, sheet->lang, one), -1);
	g_signal_connect_data(button, "clicked", G_CALLBACK(handle_key), touch, key_free, 0);
	gtk_fixed_put(sheet->keys, button, key->box.x, key->box.y);
}

static struct rc_label_style plain_style(const struct rc_sheet *sheet, int size, double line_height,
					 int width)
{
	return (struct rc_label_style){.size = size,
				       .line_height = line_height,
				       .is_tabular = true,
				       .width = width,
				       .lang = sheet->lang,
				       .colour = RC_COLOUR_INK};
}

/* Puts a text at `y` and returns where the next one begins. */
static int put_text(struct rc_sheet *sheet, const char *text, const struct rc_label_style *style,
		    int x, int y)
{
	GtkWidget *label = rc_label_new(text, style);

	rc_label_put(sheet->texts, label, style, x, y);
	return y + rc_label_height(label, style);
}

/* ---- the sheet for a number ---- */

static int text_height(const char *text, const struct rc_label_style *style)
{
	GtkWidget *label = g_object_ref_sink(rc_label_new(text, style));
	int height = rc_label_height(label, style);

	g_object_unref(label);
	return height;
}

/* What was typed is as large as its lines and the room beneath the question allow. */
static int typed_size(const struct rc_layout *layout, const char *text, struct rc_label_style style,
		      int room)
{
	const int note = layout->size[RC_SIZE_T_NOTE];
	const int sizes[] = {layout->size[RC_SIZE_T_HEAD],
			     layout->size[RC_SIZE_T_TITLE],
			     layout->size[RC_SIZE_T_LEAD],
			     layout->size[RC_SIZE_T_BODY],
			     note,
			     note * 3 / 4};

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		style.size = sizes[i];
		if (text_height(text, &style) <= room)
			return sizes[i];
	}
	return note / 2;
}

static void put_head(struct rc_sheet *sheet, const struct rc_view *view,
		     const struct rc_sheet_words *words, struct rc_box head)
{
	const struct rc_layout *layout = &sheet->stage->layout;
	const bool has_typed = view->sheet.typed[0] != '\0';
	const int note = layout->size[RC_SIZE_T_NOTE];
	const int hint_sizes[] = {note, note * 5 / 6, note * 3 / 4, note * 2 / 3};
	const bool is_beside = layout->form == RC_FORM_SMALL && !view->sheet.has_letters;
	const bool has_hint = layout->form != RC_FORM_SMALL || is_beside;
	const char *text = has_typed ? view->sheet.typed : words->title;
	struct rc_label_style hint = plain_style(sheet, note, 1.3, head.width);
	struct rc_label_style typed = plain_style(sheet, 0, 1.1, head.width);
	int y = head.y, bottom = head.y + head.height;

	hint.colour = RC_COLOUR_INK_2;
	hint.size =
	    rc_label_fit(words->line, hint, hint_sizes, G_N_ELEMENTS(hint_sizes), is_beside ? 6 : 1);
	typed.colour = has_typed ? RC_COLOUR_INK : RC_COLOUR_INK_2;
	typed.is_bold = typed.is_code = has_typed;
	if (has_hint)
		y = put_text(sheet, words->line, &hint, head.x, y);
	if (is_beside)
		y += layout->size[RC_SIZE_S_2];
	typed.size = typed_size(layout, text, typed, bottom - y);
	if (!is_beside)
		y = bottom - text_height(text, &typed);
	(void)put_text(sheet, text, &typed, head.x, y);
}

static void fill_number(struct rc_sheet *sheet, const struct rc_view *view,
			const struct rc_sheet_words *words, bool is_anew)
{
	struct rc_keypad keypad;

	rc_keypad_of(&sheet->stage->layout, view->sheet.has_letters, &keypad);
	put_head(sheet, view, words, keypad.head);
	if (!is_anew)
		return;
	for (size_t i = 0; i < keypad.count; i++)
		put_key(sheet, &keypad.keys[i]);
}

/* ---- the sheets of words ---- */

/* The inner box: texts keep more distance from the edge than keys do. */
static struct rc_box words_box(const struct rc_layout *layout)
{
	struct rc_box box = rc_sheet_box(layout);
	int pad = layout->size[RC_SIZE_S_5] * (layout->is_large_text ? 2 : 3) / 3;

	return (struct rc_box){box.x + pad, box.y + pad, box.width - 2 * pad, box.height - 2 * pad};
}

/* Title and what it means, and of the status what it rests on. */
struct saying {
	struct rc_label_style title, line, row;
	int row_indent;
};

static struct saying saying_of(const struct rc_sheet *sheet, const struct rc_sheet_words *words,
			       int width, int percent)
{
	const struct rc_layout *layout = &sheet->stage->layout;
	const int titles[] = {layout->size[RC_SIZE_T_HEAD] * percent / 100,
			      layout->size[RC_SIZE_T_TITLE] * percent / 100};
	const int indent = layout->icon_button + layout->button_gap;
	struct saying saying = {
	    .title = plain_style(sheet, titles[0], 1.12, width),
	    .line = plain_style(sheet, layout->size[RC_SIZE_T_LEAD] * percent / 100, 1.4, width),
	    .row = plain_style(sheet, layout->size[RC_SIZE_T_BODY] * percent / 100, 1.4, width - indent),
	    .row_indent = indent,
	};

	saying.title.is_bold = true;
	saying.title.is_unbroken = !rc_text_is_chinese(words->title);
	saying.title.size = rc_label_fit(words->title, saying.title, titles, 2, 1);
	return saying;
}

static int row_gap(const struct rc_sheet *sheet)
{
	return sheet->stage->layout.size[RC_SIZE_S_1];
}

static int saying_height(const struct rc_sheet *sheet, const struct rc_sheet_words *words,
			 const struct saying *saying)
{
	int height = text_height(words->title, &saying->title) +
		     text_height(words->line, &saying->line) +
		     2 * sheet->stage->layout.size[RC_SIZE_S_2];

	for (size_t i = 0; i < RC_SHEET_ROW_COUNT; i++) {
		if (words->rows[i][0])
			height += text_height(words->rows[i], &saying->row) + row_gap(sheet);
	}
	return height;
}

/* All texts in their sizes or, where large letters don't leave the room, all a little smaller. */
static struct saying fit_saying(const struct rc_sheet *sheet, const struct rc_sheet_words *words,
				struct rc_box box)
{
	struct saying saying = saying_of(sheet, words, box.width, 100);

	for (int percent = 95; percent >= 50 && saying_height(sheet, words, &saying) > box.height;
	     percent -= 5)
		saying = saying_of(sheet, words, box.width, percent);
	return saying;
}

static void put_saying(struct rc_sheet *sheet, const struct rc_sheet_words *words, struct rc_box box)
{
	const struct saying saying = fit_saying(sheet, words, box);
	bool is_alone = sheet->kind == RC_VIEW_SHEET_LATER; /* then it stands in the middle */
	int y = is_alone ? box.y + (box.height - saying_height(sheet, words, &saying)) / 2 : box.y;

	y = put_text(sheet, words->title, &saying.title, box.x, y);
	(void)put_text(sheet, words->line, &saying.line, box.x,
		       y + sheet->stage->layout.size[RC_SIZE_S_2]);
}

/* The rows stand at the sheet's lower end, each with its icon. */
static void fill_status(struct rc_sheet *sheet, const struct rc_view *view,
			const struct rc_sheet_words *words)
{
	static const enum rc_icon icons[RC_SHEET_ROW_COUNT] = {RC_ICON_NET, RC_ICON_QUEUE,
							       RC_ICON_CLOCKQ, RC_ICON_DOOR};
	const struct rc_layout *layout = &sheet->stage->layout;
	const struct rc_box box = words_box(layout);
	const struct saying saying = fit_saying(sheet, words, box);
	int y = box.y + box.height;

	put_saying(sheet, words, box);
	for (size_t i = RC_SHEET_ROW_COUNT; i-- > 0;) {
		enum rc_icon icon = i == 1 && !view->sync.is_waiting ? RC_ICON_SENT : icons[i];
		int line = (int)lround(saying.row.line_height * saying.row.size);

		if (!words->rows[i][0])
			continue;
		y -= text_height(words->rows[i], &saying.row);
		(void)put_text(sheet, words->rows[i], &saying.row, box.x + saying.row_indent, y);
		gtk_fixed_put(sheet->texts,
			      rc_drawing_new_icon(sheet->stage, icon, layout->icon_button, RC_COLOUR_INK_2),
			      box.x, y + (line - layout->icon_button) / 2);
		y -= row_gap(sheet);
	}
}

static void handle_choice(void *context, size_t n)
{
	struct rc_sheet *sheet = context;

	sheet->touched(sheet->context, (enum rc_view_touch)(RC_VIEW_TOUCH_CHOOSE_0 + n), '\0');
}

/* The rows stand at the sheet's lower end, where they are reached. */
static void fill_which(struct rc_sheet *sheet, const struct rc_view *view,
		       const struct rc_sheet_words *words, bool is_anew)
{
	const struct rc_layout *layout = &sheet->stage->layout;
	struct rc_box box = words_box(layout);
	int y = box.y + box.height;

	put_saying(sheet, words, box);
	if (!is_anew)
		return;
	for (size_t i = view->sheet.choice_count; i-- > 0;) {
		const struct rc_view_choice *choice = &view->sheet.choices[i];
		GtkWidget *row = rc_choice_new(sheet->stage, choice, view->lang, box.width);

		y -= rc_choice_height(sheet->stage, choice, view->lang, box.width);
		rc_choice_connect(row, handle_choice, sheet, i);
		gtk_fixed_put(sheet->keys, row, box.x, y);
		y -= layout->row_gap;
	}
}

/* ---- filling ---- */

static void fill_words(struct rc_sheet *sheet, const struct rc_view *view, bool is_anew)
{
	struct rc_sheet_words words;
	char *name;

	rc_words_of_sheet(view, &words);
	if (sheet->kind == RC_VIEW_SHEET_NUMBER)
		fill_number(sheet, view, &words, is_anew);
	else if (sheet->kind == RC_VIEW_SHEET_WHICH)
		fill_which(sheet, view, &words, is_anew);
	else if (sheet->kind == RC_VIEW_SHEET_STATUS)
		fill_status(sheet, view, &words);
	else
		put_saying(sheet, &words, words_box(&sheet->stage->layout));
	name = g_strjoin(". ", words.title, words.line, NULL);
	gtk_accessible_update_property(GTK_ACCESSIBLE(sheet->fixed), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       name, -1);
	g_free(name);
}

void rc_sheet_fill(struct rc_sheet *sheet, const struct rc_view *view, bool is_anew)
{
	const struct rc_layout *layout = &sheet->stage->layout;
	bool is_other = is_anew || sheet->kind != view->sheet.kind || sheet->lang != view->lang ||
			sheet->has_letters != view->sheet.has_letters;

	sheet->kind = view->sheet.kind;
	sheet->lang = view->lang;
	sheet->has_letters = view->sheet.has_letters;
	rc_label_clear(sheet->texts);
	if (is_other)
		rc_label_clear(sheet->keys);
	gtk_widget_set_visible(sheet->fixed, sheet->kind != RC_VIEW_SHEET_NONE);
	if (sheet->kind == RC_VIEW_SHEET_NONE)
		return;
	gtk_widget_set_size_request(sheet->fixed, layout->panel.width, layout->panel.height);
	gtk_widget_set_size_request(sheet->veil, layout->panel.width, layout->panel.height);
	/* A GtkFixed clips what stands beyond the size it asks for, and asks as if no text were broken. */
	gtk_widget_set_size_request(GTK_WIDGET(sheet->texts), layout->panel.width, layout->panel.height);
	gtk_widget_set_size_request(GTK_WIDGET(sheet->keys), layout->panel.width, layout->panel.height);
	gtk_widget_queue_draw(sheet->veil);
	fill_words(sheet, view, is_other);
}
