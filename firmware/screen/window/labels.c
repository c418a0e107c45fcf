/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/window/labels.h"

#include "firmware/screen/texts.h"

#include <math.h>

#define FONT_FAMILIES "Inter,Noto Sans CJK SC,sans-serif"

static void add_font(PangoAttrList *attrs, const struct rc_label_style *style)
{
	PangoFontDescription *font = pango_font_description_new();

	pango_font_description_set_family_static(font, FONT_FAMILIES);
	pango_font_description_set_absolute_size(font, style->size * PANGO_SCALE);
	pango_font_description_set_weight(font, style->is_bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_attr_list_insert(attrs, pango_attr_font_desc_new(font));
	pango_font_description_free(font);
}

/* No break but at spaces: each run without one is told so. */
static void add_unbroken(PangoAttrList *attrs, const char *text)
{
	for (const char *at = text; *at;) {
		size_t run = strcspn(at, " \n");

		if (run > 0) {
			PangoAttribute *attr = pango_attr_allow_breaks_new(FALSE);

			attr->start_index = (guint)(at - text);
			attr->end_index = (guint)((size_t)(at - text) + run);
			pango_attr_list_insert(attrs, attr);
		}
		at += run + (at[run] ? 1 : 0);
	}
}

static PangoAttrList *attributes(const char *text, const struct rc_label_style *style)
{
	PangoAttrList *attrs = pango_attr_list_new();
	double spacing = rc_text_is_chinese(text) ? 0 : style->spacing * style->size * PANGO_SCALE;

	add_font(attrs, style);
	pango_attr_list_insert(
	    attrs, pango_attr_language_new(pango_language_from_string(
		       style->lang == RC_VIEW_ZH || rc_text_is_chinese(text) ? "zh-cn" : "en")));
	pango_attr_list_insert(attrs, pango_attr_line_height_new_absolute((int)lround(
					  style->line_height * style->size * PANGO_SCALE)));
	if (style->is_tabular)
		pango_attr_list_insert(attrs, pango_attr_font_features_new("tnum"));
	if (spacing < 0 || spacing > 0)
		pango_attr_list_insert(attrs, pango_attr_letter_spacing_new((int)lround(spacing)));
	if (style->is_unbroken)
		add_unbroken(attrs, text);
	if (style->is_code)
		pango_attr_list_insert(attrs, pango_attr_insert_hyphens_new(FALSE));
	return attrs;
}

GtkWidget *rc_label_new(const char *text, const struct rc_label_style *style)
{
	GtkWidget *label = gtk_label_new(NULL);
	PangoAttrList *attrs = attributes(text, style);
	char css_class[40];

	gtk_label_set_text(GTK_LABEL(label), text);
	gtk_label_set_attributes(GTK_LABEL(label), attrs);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_yalign(GTK_LABEL(label), 0);
	if (style->width > 0) {
		gtk_label_set_wrap(GTK_LABEL(label), TRUE);
		gtk_label_set_wrap_mode(GTK_LABEL(label),
					style->is_unbroken ? PANGO_WRAP_WORD : PANGO_WRAP_WORD_CHAR);
		gtk_widget_set_size_request(label, style->width, -1);
	}
	(void)g_snprintf(css_class, sizeof(css_class), "c-%s", rc_token_colour_names[style->colour]);
	gtk_widget_add_css_class(label, css_class);
	pango_attr_list_unref(attrs);
	return label;
}

/* The label's text, laid out at its width; owned by the caller. The label's own layout knows its width only once it is
 * allocated. */
static PangoLayout *laid_out(GtkWidget *label)
{
	PangoLayout *layout = pango_layout_copy(gtk_label_get_layout(GTK_LABEL(label)));
	int width = -1;

	gtk_widget_get_size_request(label, &width, NULL);
	pango_layout_set_width(layout, width > 0 ? width * PANGO_SCALE : -1);
	return layout;
}

struct rc_text_extent rc_label_extent(GtkWidget *label)
{
	PangoLayout *layout = laid_out(label);
	struct rc_text_extent extent = {.line_count = pango_layout_get_line_count(layout)};

	pango_layout_get_pixel_size(layout, &extent.width, NULL);
	g_object_unref(layout);
	return extent;
}

int rc_label_height(GtkWidget *label, const struct rc_label_style *style)
{
	return (int)lround(rc_label_extent(label).line_count * style->line_height * style->size);
}

void rc_label_put(GtkFixed *fixed, GtkWidget *label, const struct rc_label_style *style, int x, int y)
{
	PangoLayout *layout = laid_out(label);
	int baseline = PANGO_PIXELS(pango_layout_get_baseline(layout));

	gtk_fixed_put(fixed, label, x, y + rc_layout_baseline(style->size, style->line_height) - baseline);
	g_object_unref(layout);
}

int rc_label_fit(const char *text, struct rc_label_style style, const int *sizes, size_t count, int line_max)
{
	for (size_t i = 0; i + 1 < count; i++) {
		style.size = sizes[i];
		GtkWidget *label = g_object_ref_sink(rc_label_new(text, &style));
		struct rc_text_extent extent = rc_label_extent(label);

		g_object_unref(label);
		if (extent.line_count <= line_max && extent.width <= style.width)
			return sizes[i];
	}
	return sizes[count - 1];
}

void rc_label_clear(GtkFixed *fixed)
{
	GtkWidget *child;

	while ((child = gtk_widget_get_first_child(GTK_WIDGET(fixed))))
		gtk_fixed_remove(fixed, child);
}
