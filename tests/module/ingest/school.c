/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/module/ingest/school.h"

#include "shared/base/encode.h"
#include "shared/base/random.h"
#include "tests/module/ingest_sql/statements.h"
#include "tests/sim/postgres/database.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- life cycle ---- */

static struct rc_id id_of(uint8_t family, uint8_t number)
{
	struct rc_id id = {{0}};

	id.octets[0] = family;
	id.octets[RC_ID_BYTES - 1] = number;
	return id;
}

static const char *text_of(const struct rc_id *id, char text[RC_ID_CHARS + 1])
{
	rc_id_format(id, text);
	return text;
}

void school_expect(enum rc_status status, const struct rc_error *err)
{
	if (status != RC_OK)
		fail_msg("%s: %s", rc_status_text(status), err->text);
}

static void fill_people(struct school *school)
{
	char ref[RC_ID_CHARS + 1], site[RC_ID_CHARS + 1], number[16], name[16], id[RC_ID_CHARS + 1],
	    session[RC_ID_CHARS + 1];

	for (int i = 0; i < SCHOOL_PEOPLE; i++) {
		const struct rc_id registration = id_of(0x44, (uint8_t)i);

		school->people[i] = id_of(0x33, (uint8_t)i);
		(void)snprintf(number, sizeof(number), "%03d-01", SCHOOL_PEOPLE - i);
		(void)snprintf(name, sizeof(name), "员工%d", i);
		school_exec(school, &rc_sql_school_person,
			    RC_DB_VALUES(RC_DB_TEXT(text_of(&school->people[i], ref)),
					 RC_DB_TEXT(text_of(&school->site, site)), RC_DB_TEXT(number),
					 RC_DB_TEXT(name), RC_DB_BYTES(rc_bytes_of("k", 1))));
		if (i >= SCHOOL_REGISTERED)
			continue;
		school_exec(school, &rc_sql_school_registration,
			    RC_DB_VALUES(RC_DB_TEXT(text_of(&registration, id)),
					 RC_DB_TEXT(text_of(&school->sessions[0], session)),
					 RC_DB_TEXT(ref), RC_DB_TEXT("confirmed"), RC_DB_INT(0)));
	}
}

static void fill_sessions(struct school *school)
{
	char id[RC_ID_CHARS + 1], site[RC_ID_CHARS + 1], room[RC_ID_CHARS + 1], code[16];

	rc_id_format(&school->site, site);
	rc_id_format(&school->room, room);
	for (int i = 0; i < 2; i++) {
		const int64_t starts_ms = SCHOOL_STARTS_MS + i * RC_DAY_MS;

		school->sessions[i] = id_of(0x55, (uint8_t)i);
		rc_id_format(&school->sessions[i], id);
		(void)snprintf(code, sizeof(code), "TS-%d", i);
		school_exec(school, &rc_sql_school_session,
			    RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_TEXT(code), RC_DB_TEXT(site),
					 RC_DB_INT(2 - i)));
		for (int64_t version = 1; version <= 2 - i; version++)
			school_exec(
			    school, &rc_sql_school_version,
			    RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_INT(version), RC_DB_TEXT(room),
					 RC_DB_INT(starts_ms), RC_DB_INT(starts_ms + 2 * RC_HOUR_MS),
					 RC_DB_INT(version == 1 ? 10 : 30), RC_DB_BOOL(i == 1)));
	}
}

static void fill_kiosks(struct school *school)
{
	char id[RC_ID_CHARS + 1], site[RC_ID_CHARS + 1], room[RC_ID_CHARS + 1], serial[8];
	struct rc_buf der;

	rc_buf_init(&der, 256);
	for (int i = 0; i < SCHOOL_KIOSKS; i++) {
		school->kiosks[i] = id_of(0x66, (uint8_t)i);
		rc_id_format(&school->kiosks[i], id);
		school_exec(school, &rc_sql_school_kiosk,
			    RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_TEXT(text_of(&school->site, site)),
					 RC_DB_TEXT(text_of(&school->room, room))));
		assert_int_equal(rc_key_new(&school->keys[i], NULL), RC_OK);
		rc_buf_clear(&der);
		assert_int_equal(rc_key_public_der(school->keys[i], &der, NULL), RC_OK);
		(void)snprintf(serial, sizeof(serial), "%02d", i);
		school_exec(school, &rc_sql_school_certificate,
			    RC_DB_VALUES(RC_DB_TEXT(serial), RC_DB_TEXT(id),
					 RC_DB_BYTES(rc_buf_bytes(&der))));
	}
	rc_buf_deinit(&der);
}

static void fill(struct school *school)
{
	char epoch[RC_FACT_EPOCH_CHARS + 1], site[RC_ID_CHARS + 1], room[RC_ID_CHARS + 1];

	rc_fact_epoch_format(SCHOOL_EPOCH, epoch);
	school_exec(school, &rc_sql_school_state,
		    RC_DB_VALUES(RC_DB_TEXT("server.epoch"), RC_DB_TEXT(epoch)));
	school->site = id_of(0x11, 1);
	school->room = id_of(0x22, 1);
	school_exec(school, &rc_sql_school_site,
		    RC_DB_VALUES(RC_DB_TEXT(text_of(&school->site, site)), RC_DB_TEXT("S1")));
	school_exec(school, &rc_sql_school_room,
		    RC_DB_VALUES(RC_DB_TEXT(text_of(&school->room, room)), RC_DB_TEXT(site),
				 RC_DB_TEXT("3F-305")));
	fill_sessions(school);
	fill_people(school);
	fill_kiosks(school);
}

int school_set_up(void **state)
{
	struct school *school = calloc(1, sizeof(*school));
	char url[RC_SIM_DATABASE_URL_CHARS];

	assert_non_null(school);
	(void)snprintf(school->folder, sizeof(school->folder), "/tmp/rollcall-school-XXXXXX");
	assert_non_null(mkdtemp(school->folder));
	school->db = rc_sim_database_open(school->folder, url);
	fill(school);
	*state = school;
	return 0;
}

int school_tear_down(void **state)
{
	struct school *school = *state;
	DIR *dir = opendir(school->folder);
	struct dirent *entry;

	rc_db_close(school->db);
	rc_sim_database_remove(school->folder);
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	(void)closedir(dir);
	(void)rmdir(school->folder);
	for (int i = 0; i < SCHOOL_KIOSKS; i++)
		rc_key_free(school->keys[i]);
	free(school);
	return 0;
}

/* ---- one statement ---- */

struct call {
	const struct rc_sql_statement *statement;
	struct rc_db_values values;
	int64_t number;
	char text[32];
	struct rc_buf *dump;
};

static enum rc_status exec_one(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct call *call = arg;

	return rc_db_exec(tx, call->statement, call->values, err);
}

void school_exec(struct school *school, const struct rc_sql_statement *statement, struct rc_db_values values)
{
	struct call call = {.statement = statement, .values = values};
	struct rc_error err = {{0}};

	school_expect(rc_db_write(school->db, exec_one, &call, &err), &err);
}

static enum rc_status read_number(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct call *call = arg;

	return rc_db_one_int(tx, call->statement, call->values, &call->number, err);
}

int64_t school_number(struct school *school, const struct rc_sql_statement *statement,
		      struct rc_db_values values)
{
	struct call call = {.statement = statement, .values = values};
	struct rc_error err = {{0}};

	school_expect(rc_db_read(school->db, read_number, &call, &err), &err);
	return call.number;
}

int64_t school_inbox(struct school *school, const char *kind)
{
	return school_number(school, &rc_sql_school_count_inbox, RC_DB_VALUES(RC_DB_TEXT(kind)));
}

static enum rc_status take_text(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct call *call = context;

	(void)err;
	rc_db_row_copy_text(row, 0, call->text, sizeof(call->text));
	return RC_OK;
}

static enum rc_status read_text(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct call *call = arg;
	const enum rc_status status = rc_db_one(tx, call->statement, call->values, take_text, call, err);

	return status == RC_ENOTFOUND ? RC_OK : status;
}

const char *school_record_state(struct school *school, int session, int person)
{
	static struct call call;
	char session_text[RC_ID_CHARS + 1], ref[RC_ID_CHARS + 1];
	struct rc_error err = {{0}};

	call = (struct call){
	    .statement = &rc_sql_school_record,
	    .values = RC_DB_VALUES(RC_DB_TEXT(text_of(&school->sessions[session], session_text)),
				   RC_DB_TEXT(text_of(&school->people[person], ref)))};
	school_expect(rc_db_read(school->db, read_text, &call, &err), &err);
	return call.text;
}

static void dump_bytes(const struct rc_db_row *row, int column, struct rc_buf *text)
{
	char hex[RC_HEX_CHARS(RC_FACT_HASH_BYTES) + 1];
	uint8_t hash[RC_FACT_HASH_BYTES];

	rc_db_row_copy_bytes(row, column, hash, sizeof(hash));
	rc_hex_encode(rc_bytes_of(hash, sizeof(hash)), hex);
	rc_buf_printf(text, " %s", hex);
}

/* One letter a column: text, integer, hash. */
static void dump_row(const struct rc_db_row *row, const char *types, struct rc_buf *text)
{
	for (int i = 0; types[i] != '\0'; i++) {
		if (types[i] == 'h') {
			dump_bytes(row, i, text);
		} else if (types[i] == 'i') {
			rc_buf_printf(text, " %lld", (long long)rc_db_row_int(row, i));
		} else {
			rc_buf_append_char(text, ' ');
			rc_buf_append_bytes(text, rc_db_row_text(row, i));
		}
	}
	rc_buf_append_char(text, '\n');
}

static enum rc_status dump_record(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	(void)err;
	dump_row(row, "tttiiiiiihiit", context);
	return RC_OK;
}

static enum rc_status dump_event(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	(void)err;
	dump_row(row, "tthtiiiiittiii", context);
	return RC_OK;
}

static enum rc_status dump(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct rc_buf *text = arg;
	enum rc_status status;

	rc_buf_clear(text);
	status = rc_db_query(tx, &rc_sql_school_all_records, RC_DB_NO_VALUES, dump_record, text, err);
	if (status == RC_OK)
		status =
		    rc_db_query(tx, &rc_sql_school_all_events, RC_DB_NO_VALUES, dump_event, text, err);
	return status;
}

void school_dump(struct school *school, struct rc_buf *text)
{
	struct rc_error err = {{0}};

	school_expect(rc_db_read(school->db, dump, text, &err), &err);
	school_expect(rc_buf_status(text, &err), &err);
}

/* ---- a fake kiosk ---- */

struct journal journal_of(const struct school *school, int kiosk, uint64_t epoch)
{
	return (struct journal){.kiosk = school->kiosks[kiosk],
				.epoch = epoch,
				.clock = {.at_ms = SCHOOL_STARTS_MS,
					  .up_ms = 1000000,
					  .boot = id_of(0x77, (uint8_t)kiosk),
					  .source = RC_CLOCK_NTP,
					  .error_ms = 20}};
}

void journal_write(struct journal *journal, const char *kind, const char *body, struct rc_buf *lines)
{
	struct rc_fact_envelope envelope = {
	    .place = {.kiosk = journal->kiosk, .epoch = journal->epoch, .seq = journal->seq + 1},
	    .clock = journal->clock,
	    .version = 1};
	uint8_t salt[RC_FACT_SALT_BYTES];
	struct rc_error err = {{0}};

	rc_random(salt, sizeof(salt));
	assert_true(rc_text_copy(kind, envelope.kind, sizeof(envelope.kind)));
	memcpy(envelope.prev, journal->prev, sizeof(envelope.prev));
	school_expect(
	    rc_fact_write(&envelope, salt, rc_bytes_of_text(body), lines, journal->prev, &err), &err);
	journal->seq++;
	journal->clock.at_ms += RC_SECOND_MS;
	journal->clock.up_ms += RC_SECOND_MS;
}

void journal_sign_in(struct journal *journal, const struct school *school, int session, int person,
		     struct rc_buf *lines)
{
	const struct rc_fact_attendance_signed_in fact = {
	    .session = school->sessions[session],
	    .session_version = 1,
	    .ref = school->people[person],
	    .verdict = person < SCHOOL_REGISTERED ? RC_VERDICT_SIGNED_IN : RC_VERDICT_WALK_IN,
	    .roster_n = 7};
	char memory[1024];
	struct rc_buf body;

	rc_buf_init_fixed(&body, memory, sizeof(memory));
	rc_fact_attendance_signed_in_encode(&fact, &body);
	journal_write(journal, RC_FACT_KIND_ATTENDANCE_SIGNED_IN, rc_buf_text(&body), lines);
}

void journal_sign_out(struct journal *journal, const struct school *school, int session, int person,
		      struct rc_buf *lines)
{
	const struct rc_fact_attendance_signed_out fact = {.session = school->sessions[session],
							   .session_version = 1,
							   .ref = school->people[person],
							   .roster_n = 7};
	char memory[1024];
	struct rc_buf body;

	rc_buf_init_fixed(&body, memory, sizeof(memory));
	rc_fact_attendance_signed_out_encode(&fact, &body);
	journal_write(journal, RC_FACT_KIND_ATTENDANCE_SIGNED_OUT, rc_buf_text(&body), lines);
}

void journal_withdraw(struct journal *journal, const struct school *school, int session, int person,
		      struct rc_buf *lines)
{
	const struct rc_fact_attendance_withdrawn fact = {.session = school->sessions[session],
							  .session_version = 1,
							  .ref = school->people[person],
							  .reason = "mistake"};
	char memory[1024];
	struct rc_buf body;

	rc_buf_init_fixed(&body, memory, sizeof(memory));
	rc_fact_attendance_withdrawn_encode(&fact, &body);
	journal_write(journal, RC_FACT_KIND_ATTENDANCE_WITHDRAWN, rc_buf_text(&body), lines);
}

void journal_header(const struct journal *journal, int64_t from, int64_t count, bool is_branch,
		    struct rc_buf *body)
{
	const struct rc_device_upload_header header = {.kiosk = journal->kiosk,
						       .epoch = journal->epoch,
						       .from = from,
						       .count = count,
						       .is_branch = is_branch,
						       .boot = journal->clock.boot,
						       .up_ms = journal->clock.up_ms,
						       .at_ms = journal->clock.at_ms};

	rc_device_upload_header_encode(&header, body);
}

void journal_signature(const struct journal *journal, struct rc_key *key, struct rc_buf *body)
{
	struct rc_device_signature signature = {.epoch = journal->epoch, .seq = journal->seq};
	uint8_t digest[32];

	memcpy(signature.hash, journal->prev, sizeof(signature.hash));
	rc_device_signature_digest(&signature, digest);
	assert_int_equal(rc_key_sign(key, digest, signature.rs, NULL), RC_OK);
	rc_device_signature_encode(&signature, body);
}

struct rc_ingest_answer school_upload(struct school *school, const struct rc_id *kiosk,
				      const struct rc_buf *body, int64_t now_ms)
{
	const struct rc_ingest_request request = {
	    .kiosk = *kiosk, .body = rc_buf_bytes(body), .now_ms = now_ms, .seal_key = school->seal_key};
	struct rc_ingest_answer answer;
	struct rc_error err = {{0}};

	school_expect(rc_ingest_upload(school->db, &request, &answer, &err), &err);
	return answer;
}

struct rc_ingest_answer school_send(struct school *school, const struct journal *journal,
				    int64_t from, int64_t count, const struct rc_buf *lines)
{
	struct rc_ingest_answer answer;
	struct rc_buf body;

	rc_buf_init(&body, RC_DEVICE_UPLOAD_PLAIN_MAX_BYTES + 65536);
	journal_header(journal, from, count, false, &body);
	rc_buf_append_bytes(&body, rc_buf_bytes(lines));
	answer = school_upload(school, &journal->kiosk, &body, journal->clock.at_ms);
	rc_buf_deinit(&body);
	return answer;
}
