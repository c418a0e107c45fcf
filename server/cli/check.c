/* SPDX-License-Identifier: Apache-2.0 */
/* `verify` and `rebuild`: are the facts what kiosks wrote, and are the records what follows from them. */
#include "server/cli/home.h"
#include "server/cli/verbs.h"
#include "server/records/records.h"

#include <inttypes.h>

struct count {
	const char *en, *zh;
	int64_t n;
};

static void append_counts(struct rc_buf *text, const struct count *counts, size_t size)
{
	for (size_t i = 0; i < size; i++)
		rc_buf_printf(text, "%10" PRId64 "  %s\n", counts[i].n,
			      RC_CLI_TEXT(counts[i].en, counts[i].zh));
}

static enum rc_status verify(const struct rc_cli_home *home, const struct rc_options *options,
			     struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf text;
	struct rc_records_verify_report report;
	enum rc_status status = rc_records_verify(home->db, &report, err);

	(void)options;
	rc_buf_init(&text, 8192);
	if (status != RC_OK)
		return status;
	append_counts(&text,
		      (const struct count[]){
			  {"chains of facts", "条事实链", report.kiosks_and_epochs},
			  {"facts", "条事实", report.facts},
			  {"signatures that hold", "个有效签名", report.good_signatures},
			  {"lines kept unread", "行无法读取、原样保存", report.unread},
			  {"places a kiosk said are gone", "处签到机说明已清除", report.lost},
			  {"places missing without a word", "处无故缺失", report.missing},
			  {"broken links", "处链接断裂", report.broken_links},
			  {"altered facts", "条事实被改动", report.altered},
			  {"signatures that don't hold", "个无效签名", report.bad_signatures},
			  {"wrong marks", "处进度标记不符", report.wrong_marks},
		      },
		      10);
	status = rc_cli_print(&text, err);
	if (status == RC_OK && !rc_records_verify_is_good(&report))
		return rc_fail(err, RC_EFORMAT, "%s", report.first_fault);
	return status;
}

static enum rc_status rebuild(const struct rc_cli_home *home, const struct rc_options *options,
			      struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf text;
	struct rc_records_rebuild_report report;
	enum rc_status status = rc_records_rebuild(home->db, &report, err);

	(void)options;
	rc_buf_init(&text, 8192);
	if (status != RC_OK)
		return status;
	append_counts(&text,
		      (const struct count[]){
			  {"facts read", "条事实已读取", report.facts},
			  {"attendance events", "条考勤事件", report.events},
			  {"records", "条考勤记录", report.records},
			  {"facts that can't be read", "条事实无法读取", report.unreadable},
			  {"events dropped that no fact supports", "条无事实依据的事件已删除",
			   report.dropped_events},
			  {"records dropped that no event supports", "条无事件依据的记录已删除",
			   report.dropped_records},
		      },
		      6);
	return rc_cli_print(&text, err);
}

int rc_cli_verify(const struct rc_options *options)
{
	return rc_cli_at_home(options, verify);
}

int rc_cli_rebuild(const struct rc_options *options)
{
	return rc_cli_at_home(options, rebuild);
}
