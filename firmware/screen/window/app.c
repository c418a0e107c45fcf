/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Four layers in one overlay: backdrop (all that moves), camera, texts of panel and side, bar. A model refills only the
 * layers whose part of it has changed: structs are decoded into zeroed memory, so memcmp compares them honestly.
 */
#include "firmware/screen/window/app.h"

#include "firmware/screen/texts.h"
#include "firmware/screen/window/backdrop.h"
#include "firmware/screen/window/bar.h"
#include "firmware/screen/window/camera_view.h"
#include "firmware/screen/window/check.h"
#include "firmware/screen/window/connection.h"
#include "firmware/screen/window/keyboard.h"
#include "firmware/screen/window/panel.h"
#include "firmware/screen/window/sheet.h"
#include "firmware/screen/window/side.h"

#include <glib-unix.h>
#include <gtk/gtk.h>

struct rc_app {
	struct rc_stage stage;
	enum rc_view_lang lang;
	bool is_motionless;
	bool is_large_text;

	GtkWidget *window;
	struct rc_backdrop *backdrop;
	struct rc_camera_view *camera;
	GtkWidget *panel;
	GtkWidget *side;
	struct rc_bar *bar;
	struct rc_sheet *sheet;

	struct rc_connection *connection; /* NULL without a socket */
	GMainLoop *loop;
	struct rc_view view; /* what is shown */
	bool has_view;       /* once something was filled in */
};

static void load_theme(bool is_dark)
{
	GtkCssProvider *provider = gtk_css_provider_new();

	gtk_css_provider_load_from_data(provider, is_dark ? rc_theme_css_dark : rc_theme_css_light, -1);
	gtk_style_context_add_provider_for_display(gdk_display_get_default(),
						   GTK_STYLE_PROVIDER(provider),
						   GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
	g_object_unref(provider);
}

static bool has_motion(void)
{
	gboolean is_enabled = TRUE;

	g_object_get(gtk_settings_get_default(), "gtk-enable-animations", &is_enabled, NULL);
	return is_enabled;
}

/* The parts of a model that the panel shows. The bar and the counter may change without touching it. */
static bool is_same_panel(const struct rc_view *a, const struct rc_view *b)
{
	return a->screen == b->screen && a->lang == b->lang && a->enrol == b->enrol &&
	       a->camera == b->camera && a->is_unconnected == b->is_unconnected &&
	       memcmp(a->enrol_reason, b->enrol_reason, sizeof(a->enrol_reason)) == 0 &&
	       memcmp(&a->greeting, &b->greeting, sizeof(a->greeting)) == 0 &&
	       memcmp(a->header.room, b->header.room, sizeof(a->header.room)) == 0 &&
	       memcmp(a->header.room_name, b->header.room_name, sizeof(a->header.room_name)) == 0 &&
	       a->header.has_session == b->header.has_session &&
	       memcmp(&a->header.session, &b->header.session, sizeof(a->header.session)) == 0 &&
	       a->header.has_next == b->header.has_next && a->has_no_badge == b->has_no_badge &&
	       memcmp(&a->header.next, &b->header.next, sizeof(a->header.next)) == 0 &&
	       memcmp(a->header.next_opens, b->header.next_opens, sizeof(a->header.next_opens)) == 0;
}

/* The parts of a model that its sheet shows. */
static bool is_same_sheet(const struct rc_view *a, const struct rc_view *b)
{
	return a->lang == b->lang && memcmp(&a->sheet, &b->sheet, sizeof(a->sheet)) == 0 &&
	       memcmp(&a->sync, &b->sync, sizeof(a->sync)) == 0 &&
	       memcmp(a->header.room, b->header.room, sizeof(a->header.room)) == 0;
}

static bool is_same_side(const struct rc_view *a, const struct rc_view *b)
{
	return a->screen == b->screen && a->lang == b->lang && a->sheet.kind == b->sheet.kind &&
	       a->camera == b->camera && a->recent_count == b->recent_count &&
	       memcmp(a->recent, b->recent, sizeof(a->recent)) == 0 &&
	       a->header.has_count == b->header.has_count &&
	       a->header.here_count == b->header.here_count &&
	       a->header.expected_count == b->header.expected_count;
}

/* A sheet hides the panel whole: no keyboard and no reader finds what can't be seen. */
static void fill_sheet(struct rc_app *app, const struct rc_view *view, bool is_anew)
{
	bool has_sheet = view->sheet.kind != RC_VIEW_SHEET_NONE;

	if (has_sheet && app->view.sheet.kind != view->sheet.kind)
		gtk_window_set_focus(GTK_WINDOW(app->window), NULL); /* typing begins, wherever the focus was */
	gtk_widget_set_visible(app->panel, !has_sheet);
	rc_sheet_fill(app->sheet, view, is_anew);
}

static void fill(struct rc_app *app, const struct rc_view *view, bool is_anew)
{
	const struct rc_view *old = &app->view;
	const struct rc_view_scan *scans;
	bool is_greeting = view->screen == RC_VIEW_GREETING;
	bool is_new_panel = is_anew || !is_same_panel(old, view);
	bool has_sheet = view->sheet.kind != RC_VIEW_SHEET_NONE;
	bool is_next =
	    !is_anew && is_greeting && !has_sheet && old->screen == RC_VIEW_GREETING && is_new_panel;

	rc_backdrop_show(app->backdrop, rc_look_of_view(view),
			 rc_side_scans(&app->stage, view, &scans), is_next);
	if (is_new_panel)
		rc_panel_fill(app->panel, &app->stage, view);
	if (is_anew || !is_same_side(old, view))
		rc_side_fill(app->side, &app->stage, view);
	if (is_anew || !is_same_sheet(old, view))
		fill_sheet(app, view, is_anew);
	rc_bar_fill(app->bar, view);
	rc_camera_view_set_away(app->camera, view->camera != RC_VIEW_CAMERA_OK);
	rc_camera_view_set_name(app->camera, view->camera == RC_VIEW_CAMERA_OK
						 ? rc_text(view->lang, N_("Camera picture"))
						 : "");
}

void rc_app_show(struct rc_app *app, const struct rc_view *view)
{
	app->stage.is_still = app->is_motionless || !has_motion();
	if (app->stage.layout.width > 0)
		fill(app, view, !app->has_view);
	app->has_view = app->stage.layout.width > 0;
	app->view = *view;
}

/* The stylesheet's few sizes go by the form (enum rc_form). */
static void tell_form(struct rc_app *app)
{
	char form[] = "form-0";
	const char *const classes[] = {form, NULL};

	form[sizeof(form) - 2] = (char)('0' + app->stage.layout.form);
	gtk_widget_set_css_classes(app->window, (const char **)classes);
}

static void handle_resize(GtkDrawingArea *area, int width, int height, gpointer data)
{
	struct rc_app *app = data;

	(void)area;
	if (width == 0 || height == 0 ||
	    (width == app->stage.layout.width && height == app->stage.layout.height))
		return;
	rc_layout_of(width, height, &app->stage.layout);
	if (app->is_large_text)
		rc_layout_enlarge_text(&app->stage.layout);
	tell_form(app);
	rc_backdrop_relayout(app->backdrop);
	rc_camera_view_relayout(app->camera);
	fill(app, &app->view, true);
	app->has_view = true;
}

static void handle_view(void *context, const struct rc_view *view)
{
	struct rc_app *app = context;

	app->lang = view->lang;
	rc_app_show(app, view);
}

static void handle_picture(void *context, int fd)
{
	struct rc_app *app = context;

	rc_camera_view_take_picture(app->camera, fd);
}

static void handle_gone(void *context)
{
	struct rc_app *app = context;
	struct rc_view view;

	rc_camera_view_take_picture(app->camera, -1);
	rc_view_init_unconnected(&view, app->lang);
	rc_app_show(app, &view);
}

static void handle_touch(void *context, enum rc_view_touch touch, char key)
{
	struct rc_app *app = context;

	if (app->connection)
		rc_connection_send_touch(app->connection, touch, key, app->view.touch_id);
}

static void handle_chosen(void *context, size_t choice)
{
	if (choice < RC_VIEW_CHOICE_MAX)
		handle_touch(context, (enum rc_view_touch)(RC_VIEW_TOUCH_CHOOSE_0 + choice), '\0');
}

static gboolean handle_end(gpointer data)
{
	struct rc_app *app = data;

	g_main_loop_quit(app->loop);
	return G_SOURCE_CONTINUE;
}

static gboolean handle_close(GtkWindow *window, gpointer data)
{
	(void)window;
	(void)handle_end(data);
	return TRUE;
}

static void build_window(struct rc_app *app, const struct rc_app_options *options)
{
	GtkWidget *overlay = gtk_overlay_new();
	GtkWidget *backdrop;

	app->window = gtk_window_new();
	app->backdrop = rc_backdrop_new(&app->stage);
	app->camera = rc_camera_view_new(&app->stage);
	app->panel = rc_panel_new(handle_chosen, app);
	app->side = rc_side_new();
	app->bar = rc_bar_new(&app->stage, handle_touch, app);
	app->sheet = rc_sheet_new(&app->stage, handle_touch, app);
	rc_keyboard_listen(app->window, &app->view, handle_touch, app);
	backdrop = rc_backdrop_widget(app->backdrop);
	gtk_overlay_set_child(GTK_OVERLAY(overlay), backdrop);
	gtk_overlay_add_overlay(GTK_OVERLAY(overlay), rc_camera_view_widget(app->camera));
	gtk_overlay_add_overlay(GTK_OVERLAY(overlay), app->panel);
	gtk_overlay_add_overlay(GTK_OVERLAY(overlay), app->side);
	gtk_overlay_add_overlay(GTK_OVERLAY(overlay), rc_sheet_widget(app->sheet));
	gtk_overlay_add_overlay(GTK_OVERLAY(overlay), rc_bar_widget(app->bar));
	g_signal_connect(backdrop, "resize", G_CALLBACK(handle_resize), app);
	g_signal_connect(app->window, "close-request", G_CALLBACK(handle_close), app);
	gtk_window_set_title(GTK_WINDOW(app->window), rc_text(options->lang, N_("Rollcall")));
	gtk_window_set_decorated(GTK_WINDOW(app->window), FALSE);
	gtk_window_set_default_size(GTK_WINDOW(app->window), options->width, options->height);
	gtk_window_set_child(GTK_WINDOW(app->window), overlay);
	if (options->is_fullscreen) {
		gtk_window_fullscreen(GTK_WINDOW(app->window));
		gtk_widget_set_cursor_from_name(app->window, "none");
	}
}

struct rc_app *rc_app_new(const struct rc_app_options *options)
{
	struct rc_app *app = g_new0(struct rc_app, 1);
	const struct rc_connection_handlers handlers = {
	    .view = handle_view, .picture = handle_picture, .gone = handle_gone, .context = app};

	app->stage.is_dark = options->is_dark;
	app->is_motionless = options->is_motionless || !options->socket_path;
	app->is_large_text = options->is_large_text;
	app->lang = options->lang;
	app->loop = g_main_loop_new(NULL, FALSE);
	rc_view_init_unconnected(&app->view, options->lang);
	load_theme(options->is_dark);
	build_window(app, options);
	gtk_window_present(GTK_WINDOW(app->window));
	if (options->socket_path)
		app->connection = rc_connection_new(options->socket_path, options->daemon, &handlers);
	return app;
}

void rc_app_free(struct rc_app *app)
{
	if (app->connection)
		rc_connection_free(app->connection);
	gtk_window_destroy(GTK_WINDOW(app->window));
	g_main_loop_unref(app->loop);
	g_free(app);
}

void rc_app_run(struct rc_app *app)
{
	guint term = g_unix_signal_add(SIGTERM, handle_end, app);
	guint interrupt = g_unix_signal_add(SIGINT, handle_end, app);

	g_main_loop_run(app->loop);
	g_source_remove(term);
	g_source_remove(interrupt);
}

static void handle_after_paint(GdkFrameClock *clock, gpointer data)
{
	int *frames = data;

	(void)clock;
	(*frames)++;
}

/* Lets the window lay itself out and draw: the first frame finds the size, the next one shows the texts. */
static void wait_for_frames(struct rc_app *app, int wanted)
{
	GdkFrameClock *clock = gtk_widget_get_frame_clock(app->window);
	int frames = 0;
	gulong handler = g_signal_connect(clock, "after-paint", G_CALLBACK(handle_after_paint), &frames);

	while (frames < wanted) {
		gdk_frame_clock_request_phase(clock, GDK_FRAME_CLOCK_PHASE_PAINT);
		g_main_context_iteration(NULL, TRUE);
	}
	g_signal_handler_disconnect(clock, handler);
}

enum rc_status rc_app_shoot(struct rc_app *app, const char *path, struct rc_error *err)
{
	wait_for_frames(app, 4);

	int width = app->stage.layout.width, height = app->stage.layout.height;
	GdkPaintable *paintable = gtk_widget_paintable_new(app->window);
	GtkSnapshot *snapshot = gtk_snapshot_new();

	gdk_paintable_snapshot(paintable, snapshot, width, height);
	GskRenderNode *node = gtk_snapshot_free_to_node(snapshot);
	GdkTexture *texture =
	    gsk_renderer_render_texture(gtk_native_get_renderer(GTK_NATIVE(app->window)), node,
					&GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height));
	gboolean is_saved = gdk_texture_save_to_png(texture, path);

	g_object_unref(texture);
	gsk_render_node_unref(node);
	g_object_unref(paintable);
	return is_saved ? RC_OK : rc_fail(err, RC_EIO, "%s can't be written", path);
}

size_t rc_app_check(struct rc_app *app, const char *name)
{
	const struct rc_view_scan *scans;
	const struct rc_check_fields fields = {.tile_count =
						   rc_side_scans(&app->stage, &app->view, &scans),
					       .stage = &app->stage,
					       .window = app->window,
					       .panel = app->panel,
					       .side = app->side,
					       .camera = rc_camera_view_widget(app->camera),
					       .is_camera_away = app->view.camera != RC_VIEW_CAMERA_OK,
					       .sheet = rc_sheet_widget(app->sheet),
					       .bar = rc_bar_widget(app->bar),
					       .edge = rc_look_of_view(&app->view)->edge};
	GtkAdjustment *at = gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(app->panel));
	size_t count;

	wait_for_frames(app, 4);
	count = rc_check_texts(&fields, name);
	gtk_adjustment_set_value(at, gtk_adjustment_get_upper(at));
	if (gtk_adjustment_get_value(at) > 0) {
		wait_for_frames(app, 2);
		count += rc_check_texts(&fields, name);
	}
	return count;
}
