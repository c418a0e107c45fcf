/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_REFERENCE_REFERENCE_H
#define RC_REFERENCE_REFERENCE_H
/*
 * Reference: what the server says is so, as it travels down to kiosks.
 *
 * A change is one line, {"n":…,"scope":"…","entity":"…","id":"…","version":…,"op":"put"|"del","p":{…}}. The structs below are
 * the payloads `p`; the server encodes them, the kiosk decodes them. Unknown fields and entities are passed over (an entity
 * that this program doesn't know is RC_ENTITY_UNKNOWN). Names of persons never stand here in clear: only sealed.
 * Pure; any thread. Decoders write their result only on RC_OK.
 */
#include "shared/attendance/rules.h"
#include "shared/base/buf.h"
#include "shared/base/id.h"

#define RC_REFERENCE_LINE_MAX_BYTES   65536u
#define RC_REFERENCE_TEXT_MAX_BYTES   200u /* titles, names of rooms, ways */
#define RC_REFERENCE_CODE_MAX_BYTES   40u  /* room codes, course codes, setting keys */
#define RC_REFERENCE_SEALED_MAX_BYTES 4096u

enum rc_entity {
	RC_ENTITY_ROOM,
	RC_ENTITY_SESSION,
	RC_ENTITY_REGISTRATION,
	RC_ENTITY_PERSON,
	RC_ENTITY_CREDENTIAL,
	RC_ENTITY_LIST,
	RC_ENTITY_LIST_KEY,
	RC_ENTITY_PRESENCE,
	RC_ENTITY_SESSION_STATE,
	RC_ENTITY_RULE,
	RC_ENTITY_SETTING,
	RC_ENTITY_TRUST,
	RC_ENTITY_ERASE,
	RC_ENTITY_UNKNOWN,
};

const char *rc_entity_name(enum rc_entity entity); /* "room", "session" … "erase" */

/* Text in both languages; either may be empty, and then the other is shown. */
struct rc_text_pair {
	char zh[RC_REFERENCE_TEXT_MAX_BYTES + 1];
	char en[RC_REFERENCE_TEXT_MAX_BYTES + 1];
};

/* {"code":"3F-305","name":{"zh","en"},"way":{"zh","en"}}: `way` says how to get there ("上楼右转第二间"). id = the room's. */
struct rc_ref_room {
	struct rc_id id;
	char code[RC_REFERENCE_CODE_MAX_BYTES + 1];
	struct rc_text_pair name;
	struct rc_text_pair way;
};

/* {"room":id,"title":{zh,en},"course":"T-001-01","starts":ms,"ends":ms,"state":"planned"|"cancelled","expected":n,
 *  "rules":{"opens_before_min","closes_after_min","late_after_min","share_percent","walk_in","has_sign_out"}} */
struct rc_ref_session {
	struct rc_id id;
	int64_t version;
	struct rc_id room;
	struct rc_text_pair title;
	char course[RC_REFERENCE_CODE_MAX_BYTES + 1];
	struct rc_attendance_terms terms;
	bool is_cancelled;
	int64_t expected; /* how many are registered */
};

/* {"session":id,"ref":id}: confirmed; anything else is a "del". */
struct rc_ref_registration {
	struct rc_id id;
	struct rc_id session;
	struct rc_id ref;
};

/* {"sealed":base64url}: rc_seal_json(K_person, {"person", ref, version}, rc_ref_person_card). id = the person's ref. */
struct rc_ref_person {
	struct rc_id ref;
	int64_t version;
	uint8_t sealed[RC_REFERENCE_SEALED_MAX_BYTES];
	size_t sealed_size;
};

enum rc_language { RC_LANGUAGE_ZH, RC_LANGUAGE_EN };

/* "zh", "en", and back: RC_EFORMAT for any other text. */
const char *rc_language_name(enum rc_language language);
RC_CHECKED enum rc_status rc_language_parse(struct rc_bytes name, enum rc_language *language);

enum rc_role { RC_ROLE_EMPLOYEE, RC_ROLE_TRAINER, RC_ROLE_ADMINISTRATOR };

/* What a person's sealed value holds: {"name","number","lang":"zh"|"en","role":"employee"|"trainer"|"administrator"}. */
struct rc_ref_person_card {
	char name[RC_REFERENCE_TEXT_MAX_BYTES + 1];
	char number[RC_REFERENCE_CODE_MAX_BYTES + 1];
	enum rc_language language;
	enum rc_role role;
};

enum rc_credential_state { RC_CREDENTIAL_ACTIVE, RC_CREDENTIAL_REVOKED, RC_CREDENTIAL_EXPIRED };

/* {"ref":id,"state":"active"|"revoked"|"expired","until":ms|0,"wrap":base64url|""}; id = the find as 32 hex digits.
 * wrap = rc_seal(open key, {"credential", find, version}, K_person); a dead code has none. */
struct rc_ref_credential {
	uint8_t find[16];
	int64_t version;
	struct rc_id ref;
	enum rc_credential_state state;
	int64_t until_ms; /* 0: no end */
	uint8_t wrap[RC_REFERENCE_SEALED_MAX_BYTES];
	size_t wrap_size;
};

/* {"session":id,"ref":id,"state":"here"|"left"|"absent","since":ms,"by":kiosk id}; id = session "." ref. */
enum rc_presence_state { RC_PRESENCE_ABSENT, RC_PRESENCE_HERE, RC_PRESENCE_LEFT };
struct rc_ref_presence {
	struct rc_id session;
	struct rc_id ref;
	enum rc_presence_state state;
	int64_t since_ms;
	struct rc_id by;
};

/* {"value":text}; id = the key: organisation.name, time.offset_min, language.default … */
struct rc_ref_setting {
	char key[RC_REFERENCE_CODE_MAX_BYTES + 1];
	char value[RC_REFERENCE_TEXT_MAX_BYTES + 1];
};

/* {"seal_key":"04…"}: the server's public key (P-256, SEC 1 uncompressed, hex), to which a kiosk seals what it must not be able to
 * read again (shared/sealing/to_server.h). id = RC_REF_TRUST_SERVER, scope all. */
#define RC_REF_TRUST_SERVER   "server"
#define RC_REF_SEAL_KEY_BYTES 65u
struct rc_ref_trust {
	uint8_t seal_key[RC_REF_SEAL_KEY_BYTES];
};

#define RC_REFERENCE_ID_MAX_CHARS 73u /* session "." ref */
#define RC_SCOPE_MAX_CHARS        48u /* "all", "site:S", "kiosk:K" */

/* One line of changes, its payload still as bytes. */
struct rc_change {
	int64_t n;
	char scope[RC_SCOPE_MAX_CHARS + 1];
	enum rc_entity entity;
	char id[RC_REFERENCE_ID_MAX_CHARS + 1];
	int64_t version;
	bool is_deletion;
	struct rc_bytes payload; /* borrowed from the line; empty for a deletion */
};

/* Appends the line with its line feed. `payload` is what an encoder below made, or empty for a deletion. */
void rc_change_write(const struct rc_change *change, struct rc_buf *line);
RC_CHECKED enum rc_status rc_change_read(struct rc_bytes line, struct rc_change *change,
					 struct rc_error *err);

/* The payloads. Encoders append the JSON object; decoders take id and version from the change. */
void rc_ref_room_encode(const struct rc_ref_room *room, struct rc_buf *p);
void rc_ref_session_encode(const struct rc_ref_session *session, struct rc_buf *p);
void rc_ref_registration_encode(const struct rc_ref_registration *registration, struct rc_buf *p);
void rc_ref_person_encode(const struct rc_ref_person *person, struct rc_buf *p);
void rc_ref_person_card_encode(const struct rc_ref_person_card *card, struct rc_buf *p);
void rc_ref_credential_encode(const struct rc_ref_credential *credential, struct rc_buf *p);
void rc_ref_presence_encode(const struct rc_ref_presence *presence, struct rc_buf *p);
void rc_ref_setting_encode(const struct rc_ref_setting *setting, struct rc_buf *p);
void rc_ref_trust_encode(const struct rc_ref_trust *trust, struct rc_buf *p);

/* RC_EFORMAT or RC_ELIMIT name the entity and the field; a deletion has nothing to decode and is RC_EFORMAT. */
RC_CHECKED enum rc_status rc_ref_room_decode(const struct rc_change *change,
					     struct rc_ref_room *room, struct rc_error *err);
RC_CHECKED enum rc_status rc_ref_session_decode(const struct rc_change *change,
						struct rc_ref_session *session, struct rc_error *err);
RC_CHECKED enum rc_status rc_ref_registration_decode(const struct rc_change *change,
						     struct rc_ref_registration *registration,
						     struct rc_error *err);
RC_CHECKED enum rc_status rc_ref_person_decode(const struct rc_change *change,
					       struct rc_ref_person *person, struct rc_error *err);
RC_CHECKED enum rc_status rc_ref_person_card_decode(struct rc_bytes json, struct rc_ref_person_card *card,
						    struct rc_error *err);
RC_CHECKED enum rc_status rc_ref_credential_decode(const struct rc_change *change,
						   struct rc_ref_credential *credential,
						   struct rc_error *err);
RC_CHECKED enum rc_status rc_ref_presence_decode(const struct rc_change *change,
						 struct rc_ref_presence *presence, struct rc_error *err);
RC_CHECKED enum rc_status rc_ref_setting_decode(const struct rc_change *change,
						struct rc_ref_setting *setting, struct rc_error *err);

/* RC_EFORMAT also for a key that is no point of the curve: nothing sealed to it could ever be opened. About a millisecond. */
RC_CHECKED enum rc_status rc_ref_trust_decode(const struct rc_change *change,
					      struct rc_ref_trust *trust, struct rc_error *err);

/* A cursor `E.N.S`: the server epoch (16 hex), the last change applied, 16 hex of SHA-256 over the sorted scopes joined by LF. */
struct rc_cursor {
	uint64_t server_epoch;
	int64_t n;
	uint64_t subscription;
};
#define RC_CURSOR_MAX_CHARS 54u
void rc_cursor_format(const struct rc_cursor *cursor, char text[RC_CURSOR_MAX_CHARS + 1]);
RC_CHECKED enum rc_status rc_cursor_parse(struct rc_bytes text, struct rc_cursor *cursor);

/* The subscription's hash; `scopes` are sorted here in a copy (at most 8). */
uint64_t rc_subscription_hash(const char *const *scopes, size_t count);

/*
 * What closes a batch, with the other lines of a changes answer:
 *     {"snapshot":{"server_epoch":"…"}}            first line of a snapshot; what follows replaces everything
 *     {"end":{"cursor":"…","more":true|false}}     last line of ordinary changes
 *     {"end":{"count":n,"sha256":"…","cursor":"…"}} last line of a snapshot: lines between first and last, hash of all bytes before
 * Without an end line nothing is applied.
 */
enum rc_changes_line {
	RC_CHANGES_CHANGE,
	RC_CHANGES_SNAPSHOT,
	RC_CHANGES_END,
	RC_CHANGES_SNAPSHOT_END
};
struct rc_changes_end {
	struct rc_cursor cursor;
	bool has_more;
	int64_t count;      /* of a snapshot */
	uint8_t sha256[32]; /* of a snapshot */
};
RC_CHECKED enum rc_status rc_changes_line_read(struct rc_bytes line, enum rc_changes_line *which,
					       struct rc_changes_end *end, struct rc_error *err);
void rc_changes_snapshot_write(uint64_t server_epoch, struct rc_buf *line);
void rc_changes_end_write(enum rc_changes_line which, const struct rc_changes_end *end,
			  struct rc_buf *line);

#endif
