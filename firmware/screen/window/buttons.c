/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/window/buttons.h"

#include "firmware/screen/texts.h"
#include "firmware/screen/window/drawings.h"
#include "firmware/screen/window/labels.h"

/* In their order from the corner. What a sheet asks for stands in the corner, the way out beside it. */
enum place { CONFIRM, CLOSE, CANCEL, LANGUAGE, NO_BADGE, PLACE_COUNT };

#define SHARE_PERCENT 56 /* of the bar's width, at most */

struct button {
	struct rc_buttons *all;
	GtkWidget *widget;
	enum rc_view_touch touch;
};

struct rc_buttons {
	GtkFixed *fixed;
	const struct rc_stage *stage;
	void (*touched)(void *context, enum rc_view_touch touch, char key);
	void *context;
	struct button list[PLACE_COUNT];
};

static void handle_clicked(GtkButton *widget, gpointer data)
{
	const struct button *button = data;

	(void)widget;
	button->all->touched(button->all->context, button->touch, '\0');
}

struct rc_buttons *rc_buttons_new(GtkFixed *fixed, const struct rc_stage *stage,
				  void (*touched)(void *context, enum rc_view_touch touch, char key),
				  void *context)
{
	static const enum rc_view_touch touches[PLACE_COUNT] = {
	    [CONFIRM] = RC_VIEW_TOUCH_CONFIRM,   [CLOSE] = RC_VIEW_TOUCH_CANCEL,
	    [CANCEL] = RC_VIEW_TOUCH_CANCEL,     [LANGUAGE] = RC_VIEW_TOUCH_LANGUAGE,
	    [NO_BADGE] = RC_VIEW_TOUCH_NO_BADGE,
	};
	struct rc_buttons *buttons = g_new0(struct rc_buttons, 1);

	*buttons =
	    (struct rc_buttons){.fixed = fixed, .stage = stage, .touched = touched, .context = context};
	for (size_t i = PLACE_COUNT; i-- > 0;) { /* the keyboard walks from left to right */
		struct button *button = &buttons->list[i];

		*button =
		    (struct button){.all = buttons, .widget = gtk_button_new(), .touch = touches[i]};
		gtk_widget_set_overflow(button->widget, GTK_OVERFLOW_HIDDEN);
		g_signal_connect(button->widget, "clicked", G_CALLBACK(handle_clicked), button);
		gtk_fixed_put(fixed, button->widget, 0, 0);
	}
	gtk_widget_add_css_class(buttons->list[CONFIRM].widget, "primary");
	gtk_widget_add_css_class(buttons->list[CLOSE].widget, "primary");
	g_object_set_data_full(G_OBJECT(fixed), "rc-buttons", buttons, g_free);
	return buttons;
}

/* How a button looks in this model. */
struct face {
	const char *text;
	enum rc_icon icon; /* RC_ICON_NONE: none */
	enum rc_view_lang lang;
	bool is_primary;
	bool is_wanted;
	bool is_awaited; /* keeps its place free until it is wanted */
};

static void set_faces(const struct rc_stage *stage, const struct rc_view *view,
		      struct face faces[PLACE_COUNT])
{
	const enum rc_view_sheet_kind kind = view->sheet.kind;
	const enum rc_view_lang lang = view->lang, other = rc_text_other(lang);
	const bool has_keys = kind == RC_VIEW_SHEET_NUMBER;
	const bool is_told = kind == RC_VIEW_SHEET_STATUS || kind == RC_VIEW_SHEET_LATER;
	const bool is_large = stage->layout.is_large_text; /* then words alone, and on a sheet its own alone */

	faces[CONFIRM] = (struct face){.text = rc_text(lang, N_("That’s me")),
				       .icon = RC_ICON_NONE,
				       .lang = lang,
				       .is_primary = true,
				       .is_wanted = has_keys && view->sheet.typed[0],
				       .is_awaited = has_keys};
	faces[CLOSE] = (struct face){.text = rc_text(lang, N_("Close")),
				     .icon = RC_ICON_NONE,
				     .lang = lang,
				     .is_primary = true,
				     .is_wanted = is_told};
	faces[CANCEL] = (struct face){.text = rc_text(lang, N_("Cancel")),
				      .icon = RC_ICON_NONE,
				      .lang = lang,
				      .is_wanted = has_keys || kind == RC_VIEW_SHEET_WHICH};
	/* It names the language that it leads to, in that language. */
	faces[LANGUAGE] = (struct face){.text = rc_text(other, N_("English")),
					.icon = is_large ? RC_ICON_NONE : RC_ICON_LANG,
					.lang = other,
					.is_wanted = !is_large || kind == RC_VIEW_SHEET_NONE};
	faces[NO_BADGE] = (struct face){.text = rc_text(lang, N_("No badge")),
					.icon = is_large ? RC_ICON_NONE : RC_ICON_BADGE,
					.lang = lang,
					.is_wanted = view->has_no_badge && kind == RC_VIEW_SHEET_NONE};
}

static struct rc_label_style style_of(const struct face *face, int size)
{
	return (struct rc_label_style){.size = size,
				       .line_height = 1.4,
				       .is_bold = true,
				       .lang = face->lang,
				       .colour = face->is_primary ? RC_COLOUR_ON_ACTION : RC_COLOUR_INK};
}

static int width_of(const struct rc_layout *layout, const struct face *face, int size)
{
	const struct rc_label_style style = style_of(face, size);
	GtkWidget *label = g_object_ref_sink(rc_label_new(face->text, &style));
	int width = 2 * layout->button_pad + rc_label_extent(label).width;

	g_object_unref(label);
	if (face->icon != RC_ICON_NONE)
		width += layout->icon_button + layout->button_gap;
	return MAX(width, layout->size[RC_SIZE_TARGET]);
}

static bool has_place(const struct face *face)
{
	return face->is_wanted || face->is_awaited;
}

/* All in one size: the first at which they leave time and mark their part of the bar. */
static int fit_size(const struct rc_layout *layout, const struct face faces[PLACE_COUNT])
{
	const int body = layout->size[RC_SIZE_T_BODY];

	for (int size = body; size > body / 2; size--) {
		int width = 0;

		for (size_t i = 0; i < PLACE_COUNT; i++)
			width += has_place(&faces[i]) ? width_of(layout, &faces[i], size) + layout->row_gap
						      : 0;
		if (width <= layout->width * SHARE_PERCENT / 100)
			return size;
	}
	return body / 2;
}

/* Fills one and returns its width. */
static int dress(const struct rc_stage *stage, GtkWidget *widget, const struct face *face, int size)
{
	const struct rc_layout *layout = &stage->layout;
	const struct rc_label_style style = style_of(face, size);
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, layout->button_gap);
	GtkWidget *label = rc_label_new(face->text, &style);
	int width = width_of(layout, face, size);

	if (face->icon != RC_ICON_NONE)
		gtk_box_append(GTK_BOX(box), rc_drawing_new_icon(stage, face->icon,
								 layout->icon_button, style.colour));
	gtk_box_append(GTK_BOX(box), label);
	gtk_widget_set_halign(box, GTK_ALIGN_CENTER);
	gtk_widget_set_valign(box, GTK_ALIGN_CENTER);
	gtk_button_set_child(GTK_BUTTON(widget), box);
	gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       face->text, -1);
	gtk_widget_set_size_request(widget, width, layout->size[RC_SIZE_TARGET]);
	return width;
}

int rc_buttons_fill(struct rc_buttons *buttons, const struct rc_view *view)
{
	const struct rc_layout *layout = &buttons->stage->layout;
	int x = layout->width - layout->size[RC_SIZE_MARGIN];
	int y = (layout->bar.height - layout->size[RC_SIZE_TARGET]) / 2;
	struct face faces[PLACE_COUNT];
	int size;

	set_faces(buttons->stage, view, faces);
	size = fit_size(layout, faces);
	for (size_t i = 0; i < PLACE_COUNT; i++) {
		GtkWidget *widget = buttons->list[i].widget;
		bool is_shown = faces[i].is_wanted && !view->is_unconnected;

		gtk_widget_set_visible(widget, is_shown);
		if (!has_place(&faces[i]))
			continue;
		x -= dress(buttons->stage, widget, &faces[i], size);
		gtk_fixed_move(buttons->fixed, widget, x, y);
		x -= layout->row_gap;
	}
	return x + layout->row_gap;
}
