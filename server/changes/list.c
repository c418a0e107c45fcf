/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of one write function. Entities are found again by a hash over (entity, id), so that the last word on one replaces
 * those before: a log line that the next line takes back would only cost every kiosk its reading.
 */
#include "server/changes/changes_priv.h"

#include <stdlib.h>

#define FIRST_CAPACITY 32u

void rc_changes_list_init(struct rc_changes_list *list)
{
	memset(list, 0, sizeof(*list));
	rc_buf_init(&list->text, RC_CHANGES_LIST_MAX_BYTES);
}

void rc_changes_list_deinit(struct rc_changes_list *list)
{
	free(list->items);
	free(list->slots);
	rc_buf_deinit(&list->text);
	memset(list, 0, sizeof(*list));
}

struct rc_bytes rc_changes__span(const struct rc_changes_list *list, struct rc_changes__span span)
{
	return span.size ? rc_bytes_of(list->text.data + span.at, span.size) : rc_bytes_of(NULL, 0);
}

/* FNV-1a: the list is no place for an attacker to choose ids in, and a run of equal slots only costs time. */
static uint32_t hash_of(enum rc_entity entity, struct rc_bytes id)
{
	uint32_t hash = (2166136261u ^ (uint32_t)entity) * 16777619u;

	for (size_t i = 0; i < id.size; i++)
		hash = (hash ^ id.data[i]) * 16777619u;
	return hash;
}

/* The slot of an entity: its own, or the empty one where it belongs. There are twice as many slots as items. */
static uint32_t *slot_of(const struct rc_changes_list *list, enum rc_entity entity, struct rc_bytes id)
{
	const size_t mask = list->capacity * 2 - 1;
	size_t at = hash_of(entity, id) & mask;

	while (list->slots[at] != 0) {
		const struct rc_changes_item *item = &list->items[list->slots[at] - 1];

		if (item->entity == entity && rc_bytes_equal(rc_changes__span(list, item->id), id))
			break;
		at = (at + 1) & mask;
	}
	return &list->slots[at];
}

static bool grow(struct rc_changes_list *list)
{
	const size_t capacity = list->capacity ? list->capacity * 2 : FIRST_CAPACITY;
	struct rc_changes_item *items = realloc(list->items, capacity * sizeof(*items));
	uint32_t *slots = calloc(capacity * 2, sizeof(*slots));

	if (items)
		list->items = items;
	if (!items || !slots) {
		free(slots);
		list->status = RC_ENOMEM;
		return false;
	}
	free(list->slots);
	list->slots = slots;
	list->capacity = capacity;
	for (size_t i = 0; i < list->count; i++)
		*slot_of(list, items[i].entity, rc_changes__span(list, items[i].id)) = (uint32_t)i + 1;
	return true;
}

static struct rc_changes__span keep(struct rc_changes_list *list, struct rc_bytes bytes)
{
	const size_t at = list->text.size;

	rc_buf_append_bytes(&list->text, bytes);
	if (list->text.status != RC_OK && list->status == RC_OK)
		list->status = list->text.status;
	return (struct rc_changes__span){.at = at, .size = bytes.size};
}

/* The item of an entity, made where there is none; NULL when the list has failed. */
static struct rc_changes_item *item_of(struct rc_changes_list *list, enum rc_entity entity,
				       const char *id)
{
	uint32_t *slot;

	if (list->status == RC_OK && list->count == RC_CHANGES_LIST_MAX)
		list->status = RC_ELIMIT;
	if (list->status != RC_OK || (list->count == list->capacity && !grow(list)))
		return NULL;
	slot = slot_of(list, entity, rc_bytes_of_text(id));
	if (*slot == 0) {
		list->items[list->count] =
		    (struct rc_changes_item){.entity = entity, .id = keep(list, rc_bytes_of_text(id))};
		*slot = (uint32_t)++list->count;
	}
	return list->status == RC_OK ? &list->items[*slot - 1] : NULL;
}

static void set(struct rc_changes_list *list, struct rc_changes_item *item, const char *scope,
		int64_t version, struct rc_bytes payload)
{
	item->has_scope = scope != NULL;
	item->scope = keep(list, rc_bytes_of_text(scope ? scope : ""));
	item->version = version;
	item->payload = keep(list, payload);
}

void rc_changes_list_put(struct rc_changes_list *list, const char *scope, enum rc_entity entity,
			 const char *id, int64_t version, struct rc_bytes payload)
{
	struct rc_changes_item *item = item_of(list, entity, id);

	if (!item)
		return;
	item->is_deletion = false;
	set(list, item, scope, version, payload);
}

void rc_changes_list_delete(struct rc_changes_list *list, const char *scope, enum rc_entity entity,
			    const char *id, int64_t version)
{
	struct rc_changes_item *item = item_of(list, entity, id);

	if (!item)
		return;
	item->is_deletion = true;
	set(list, item, scope, version, rc_bytes_of(NULL, 0));
}
