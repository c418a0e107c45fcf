/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs that look at a kiosk: through its daemon where one runs, read-only where none does. There is never a second writer. */
#include "firmware/cli/verbs.h"

#include "firmware/daemon/control.h"
#include "firmware/identity/identity.h"
#include "firmware/journal/reader.h"
#include "shared/json/json.h"
#include "shared/options/options.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#define ANSWER_MAX_BYTES 65536u
#define EPOCHS_MAX       64u

static enum rc_status ask(const char *line, struct rc_buf *answer, struct rc_error *err)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/control.sock", rc_kiosk__run_folder()) >= (int)sizeof(path))
		return rc_fail(err, RC_EUSAGE, "path %s is too long", rc_kiosk__run_folder());
	return rc_control_ask(path, line, answer, err);
}

/* 0, or the status of a disk that took less than was said. */
static int end_of_output(void)
{
	struct rc_error err;

	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return rc_kiosk__failed(rc_fail_errno(&err, errno, "writing to stdout"), &err);
}

/* A place that may not be read is a fault of the disk's, not a finding about what is kept there. */
static int failed_to_look(enum rc_status status, const struct rc_error *err)
{
	return rc_kiosk__failed(status == RC_EDENIED ? RC_EIO : status, err);
}

/* ---- status ---- */

static int64_t number_of(const struct rc_json_value *object, const char *key)
{
	int64_t number = 0;

	rc_status_ignore(rc_json_get_int_optional(object, key, 0, INT64_MAX, &number, NULL)); /* 0 then */
	return number;
}

static void print_text(const char *label, const struct rc_json_value *object, const char *key,
		       const char *otherwise)
{
	struct rc_bytes text = rc_json_text(rc_json_find(object, key));

	printf("%s: %s\n", label, text.size ? (const char *)text.data : otherwise);
}

/* What a code of the daemon is called; a table ends with a NULL. */
struct word {
	const char *code, *en, *zh;
};

static const struct word clock_words[] = {
    {"ntp", "set from the network", "由网络校准"},
    {"server", "set from the server", "由服务器校准"},
    {"rtc", "from the board's battery clock", "取自本机电池时钟"},
    {"none", "not set: times are unsure", "未校准：时间不可靠"},
    {NULL, NULL, NULL},
};
static const struct word camera_words[] = {
    {"ok", "there", "正常"},
    {"away", "not there: is it plugged in, and is its name right?", "未找到：请检查是否插好、名称是否正确"},
    {"none", "none is set", "未设置"},
    {NULL, NULL, NULL},
};
static const struct word scanner_words[] = {
    {"running", "running", "运行中"},
    {"waiting", "starts again in a moment", "即将重新启动"},
    {"ended", "ended", "已结束"},
    {NULL, NULL, NULL},
};

static void print_word(const char *label, const struct rc_json_value *object, const char *key,
		       const struct word *words)
{
	const struct rc_bytes text = rc_json_text(rc_json_find(object, key));
	const char *code = text.size ? (const char *)text.data : "-";

	while (words->code && strcmp(words->code, code) != 0)
		words++;
	printf("%s: %s\n", label, !words->code ? code : rc_kiosk__is_zh() ? words->zh : words->en);
}

static void print_status(const struct rc_json_value *status)
{
	const struct rc_json_value *journal = rc_json_find(status, "journal");
	const struct rc_json_value *clock = rc_json_find(status, "clock");
	const struct rc_json_value *scanner = rc_json_find(status, "scanner");
	bool is_zh = rc_kiosk__is_zh();
	bool is_true = false;

	print_text(is_zh ? "编号" : "kiosk", status, "kiosk", is_zh ? "未注册" : "not enrolled");
	print_text(is_zh ? "培训室" : "room", status, "room", "-");
	print_text(is_zh ? "服务器" : "server", status, "server", "-");
	rc_status_ignore(rc_json_get_bool_optional(status, "connected", &is_true, NULL)); /* no then */
	printf("%s: %s\n", is_zh ? "连接" : "connected",
	       is_true ? (is_zh ? "是" : "yes") : (is_zh ? "否" : "no"));
	print_text(is_zh ? "上次联系" : "last contact", status, "last_contact", "-");
	printf("%s: %" PRId64 "\n", is_zh ? "待上传" : "waiting to be sent",
	       number_of(journal, "waiting"));
	print_word(is_zh ? "时间来源" : "clock", clock, "source", clock_words);
	print_word(is_zh ? "摄像头" : "camera", scanner, "camera_state", camera_words);
	print_word(is_zh ? "扫码" : "scanner", scanner, "state", scanner_words);
	printf("%s: %" PRId64 "\n", is_zh ? "屏幕" : "screens", number_of(status, "screens"));
}

static void put_stopped_journal(struct rc_journal_reader *reader, struct rc_buf *json)
{
	struct rc_journal_epoch epochs[EPOCHS_MAX];
	size_t count = 0;
	int64_t waiting = 0;

	if (rc_journal_reader_all_epochs(reader, epochs, EPOCHS_MAX, &count, NULL) != RC_OK)
		return;
	for (size_t i = 0; i < count; i++)
		waiting += epochs[i].last - epochs[i].acknowledged;
	rc_json_append_key(json, "journal");
	rc_json_open(json, '{');
	rc_json_member_int(json, "seq", count > 0 ? epochs[count - 1].last : 0);
	rc_json_member_int(json, "waiting", waiting);
	rc_json_close(json, '}');
}

/* What can be said of a kiosk whose daemon doesn't run. */
static enum rc_status look_at_stopped(struct rc_buf *json, struct rc_error *err)
{
	enum rc_status status;
	struct rc_journal_reader *reader = NULL;
	struct rc_identity identity;
	char folder[PATH_MAX];

	(void)snprintf(folder, sizeof(folder), "%s/identity", rc_kiosk__data_folder());
	rc_identity_init(&identity);
	rc_json_open(json, '{');
	rc_json_member_bool(json, "running", false);
	status = rc_identity_load(folder, &identity, err);
	rc_json_member_bool(json, "enrolled", status == RC_OK);
	if (status == RC_OK) {
		rc_json_member_id(json, "kiosk", &identity.kiosk);
		rc_json_member_text(json, "server", identity.url);
		rc_identity_deinit(&identity);
	} else if (status != RC_ENOTFOUND) {
		return status; /* whoever may not look knows nothing, least of all that it isn't enrolled */
	}
	if (rc_journal_reader_open(rc_kiosk__data_folder(), &reader, NULL) == RC_OK)
		put_stopped_journal(reader, json);
	rc_journal_reader_close(reader);
	rc_json_close(json, '}');
	return rc_buf_status(json, err);
}

static int show_status(const struct rc_options *options)
{
	RC_AUTO(rc_json_free_p) struct rc_json *json = NULL;
	RC_AUTO(rc_buf_deinit) struct rc_buf answer;
	struct rc_error err;
	enum rc_status status;

	rc_buf_init(&answer, ANSWER_MAX_BYTES);
	status = ask("{\"verb\":\"status\"}", &answer, &err);
	if (status == RC_ENOTFOUND) {
		fprintf(stderr, "%s\n", rc_kiosk__is_zh() ? "签到机未运行" : "the kiosk isn't running");
		status = look_at_stopped(&answer, &err);
	}
	if (status == RC_OK)
		status = rc_json_parse(rc_buf_bytes(&answer), &json, &err);
	if (status != RC_OK)
		return failed_to_look(status, &err);
	if (rc_options_has(options, "json"))
		printf("%.*s\n", (int)strcspn(rc_buf_text(&answer), "\n"), rc_buf_text(&answer));
	else
		print_status(rc_json_root(json));
	return end_of_output();
}

int rc_kiosk_status(const struct rc_options *options)
{
	return rc_kiosk__with_settings(options, show_status);
}

/* ---- verify ---- */

static int verify(const struct rc_options *options)
{
	struct rc_journal_report report;
	struct rc_error err;
	enum rc_status status = rc_journal_verify(rc_kiosk__data_folder(), &report, &err);
	bool is_zh = rc_kiosk__is_zh();

	(void)options;
	if (status != RC_OK)
		return failed_to_look(status, &err);
	printf(is_zh ? "%" PRId64 " 条记录，%" PRId64 " 段，%" PRId64 " 处问题\n"
		     : "%" PRId64 " facts in %" PRId64 " epochs, %" PRId64 " faults\n",
	       report.facts, report.epochs, report.faults);
	if (report.faults > 0)
		printf("%s\n", report.first_fault);
	return report.faults > 0 && end_of_output() == 0 ? 1 : end_of_output();
}

int rc_kiosk_verify(const struct rc_options *options)
{
	return rc_kiosk__with_settings(options, verify);
}
