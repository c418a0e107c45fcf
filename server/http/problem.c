/* SPDX-License-Identifier: Apache-2.0 */
/* Problem documents (RFC 9457): for programs a code that never changes, for humans a title in their language. */
#include "server/http/http_priv.h"

#include "shared/base/utf8.h"

#define PROBLEM_MAX_BYTES 4096u

/* A JSON string (RFC 8259 7). Text that isn't UTF-8 is left empty: it could only come from a bug. */
static void append_string(struct rc_buf *json, const char *text)
{
	rc_buf_append_char(json, '"');
	if (!rc_utf8_is_valid(rc_bytes_of_text(text)))
		text = "";
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			rc_buf_printf(json, "\\%c", *text);
		else if ((unsigned char)*text < 0x20)
			rc_buf_printf(json, "\\u%04x", (unsigned)(unsigned char)*text);
		else
			rc_buf_append_char(json, *text);
	}
	rc_buf_append_char(json, '"');
}

static void append_member(struct rc_buf *json, const char *name, const char *text)
{
	rc_buf_printf(json, ",\"%s\":", name);
	append_string(json, text);
}

void rc_http_problem(struct rc_http_response *response, int status, const char *code,
		     const char *title_en, const char *title_zh, const char *detail)
{
	bool is_zh = strcmp(rc_http_language(response->request), "zh") == 0;
	struct rc_buf json;

	rc_buf_init(&json, PROBLEM_MAX_BYTES);
	rc_buf_printf(&json, "{\"type\":\"about:blank\",\"status\":%d", status);
	append_member(&json, "title", is_zh ? title_zh : title_en);
	append_member(&json, "code", code);
	if (detail)
		append_member(&json, "detail", detail);
	if (response->request->request_id[0])
		append_member(&json, "request_id", response->request->request_id);
	rc_buf_append_char(&json, '}');
	rc_http_set_header(response, "Content-Language", is_zh ? "zh" : "en");
	if (rc_buf_status(&json, NULL) == RC_OK)
		rc_http_respond(response, status, "application/problem+json", rc_buf_bytes(&json));
	else
		rc_http_respond_empty(response, status);
	rc_buf_deinit(&json);
}

static const struct {
	int status;
	const char *code;
	const char *title_en;
	const char *title_zh;
} problems[] = {
    {400, "bad_request", "The request can't be read", "无法读取该请求"},
    {404, "not_found", "There is nothing here", "此处没有内容"},
    {405, "method_not_allowed", "This can't be done here", "此处不支持该操作"},
    {408, "timeout", "The request took too long to arrive", "请求传输超时"},
    {413, "too_large", "The request is too large", "请求内容过大"},
    {414, "target_too_long", "The address is too long", "地址过长"},
    {415, "unsupported_encoding", "This encoding isn't taken here", "不支持该编码"},
    {417, "unsupported_expectation", "This expectation can't be met", "无法满足该预期"},
    {422, "bad_gzip", "The compressed content is damaged", "压缩内容已损坏"},
    {431, "head_too_large", "The request's headers are too large", "请求头过大"},
    {500, "internal", "The server has made a mistake", "服务器内部错误"},
    {501, "not_implemented", "The server doesn't know how to do this", "服务器不支持该功能"},
    {503, "busy", "The server is busy; try again", "服务器繁忙，请稍后再试"},
    {505, "unsupported_version", "This version of HTTP isn't spoken here", "不支持该 HTTP 版本"},
};

void rc_http__problem(struct rc_http_response *response, int status, const char *detail)
{
	size_t i = 0;

	while (i < sizeof(problems) / sizeof(problems[0]) - 1 && problems[i].status != status)
		i++;
	rc_http_problem(response, problems[i].status, problems[i].code, problems[i].title_en,
			problems[i].title_zh, detail);
}
