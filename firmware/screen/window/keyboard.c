/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/window/keyboard.h"

struct keyboard {
	GtkWindow *window;
	const struct rc_view *view;
	void (*touched)(void *context, enum rc_view_touch touch, char key);
	void *context;
	bool has_walked; /* from key to key: then Enter is meant for the one that is reached */
};

static bool is_enter(guint symbol)
{
	return symbol == GDK_KEY_Return || symbol == GDK_KEY_KP_Enter || symbol == GDK_KEY_ISO_Enter;
}

static bool does_walk(guint symbol)
{
	return symbol == GDK_KEY_Tab || symbol == GDK_KEY_ISO_Left_Tab || symbol == GDK_KEY_Left ||
	       symbol == GDK_KEY_Right || symbol == GDK_KEY_Up || symbol == GDK_KEY_Down;
}

/* Enter presses the button that somebody has walked to, else it confirms: GTK gives the focus to one by itself. */
static bool is_for_number(const struct keyboard *keyboard, guint symbol, enum rc_view_touch *touch,
			  char *key)
{
	const guint32 c = gdk_keyval_to_unicode(gdk_keyval_to_upper(symbol));

	if (is_enter(symbol) && !(keyboard->has_walked && gtk_window_get_focus(keyboard->window))) {
		*touch = RC_VIEW_TOUCH_CONFIRM;
		return true;
	}
	if (symbol == GDK_KEY_BackSpace || symbol == GDK_KEY_Delete) {
		*touch = RC_VIEW_TOUCH_DELETE;
		return true;
	}
	if (c == 0 || c > 0x7f || !rc_view_is_key((char)c))
		return false;
	*touch = RC_VIEW_TOUCH_KEY;
	*key = (char)c;
	return true;
}

static gboolean handle_pressed(GtkEventControllerKey *controller, guint symbol, guint code,
			       GdkModifierType state, gpointer data)
{
	struct keyboard *keyboard = data;
	const enum rc_view_sheet_kind kind = keyboard->view->sheet.kind;
	enum rc_view_touch touch = RC_VIEW_TOUCH_CANCEL;
	char key = '\0';

	(void)controller;
	(void)code;
	keyboard->has_walked =
	    kind != RC_VIEW_SHEET_NONE && (keyboard->has_walked || does_walk(symbol));
	if (kind == RC_VIEW_SHEET_NONE || state & (GDK_CONTROL_MASK | GDK_ALT_MASK))
		return FALSE;
	if (symbol != GDK_KEY_Escape &&
	    (kind != RC_VIEW_SHEET_NUMBER || !is_for_number(keyboard, symbol, &touch, &key)))
		return FALSE;
	keyboard->touched(keyboard->context, touch, key);
	return TRUE;
}

void rc_keyboard_listen(GtkWidget *window, const struct rc_view *view,
			void (*touched)(void *context, enum rc_view_touch touch, char key), void *context)
{
	GtkEventController *controller = gtk_event_controller_key_new();
	struct keyboard *keyboard = g_new(struct keyboard, 1);

	*keyboard = (struct keyboard){
	    .window = GTK_WINDOW(window), .view = view, .touched = touched, .context = context};
	gtk_event_controller_set_propagation_phase(controller, GTK_PHASE_CAPTURE);
	g_signal_connect(controller, "key-pressed", G_CALLBACK(handle_pressed), keyboard);
	g_object_set_data_full(G_OBJECT(window), "rc-keyboard", keyboard, g_free);
	gtk_widget_add_controller(window, controller);
}
