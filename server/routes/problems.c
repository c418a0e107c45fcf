/* SPDX-License-Identifier: Apache-2.0 */
/* What the people's listener refuses, in one table: status, the stable code for programs, titles for humans. */
#include "server/routes/routes_priv.h"

static const struct {
	int status;
	const char *code, *en, *zh;
} problems[] = {
    [RC_ROUTES_PARAMETER] = {400, "parameter", "A parameter isn't of its form", "参数格式不正确"},
    [RC_ROUTES_JSON] = {400, "json", "The body can't be read as JSON", "请求正文不是有效的 JSON"},
    [RC_ROUTES_IDEMPOTENCY_KEY] = {400, "idempotency_key",
				   "An Idempotency-Key has 1 to 128 visible ASCII characters",
				   "Idempotency-Key 须为 1 至 128 个可见 ASCII 字符"},
    [RC_ROUTES_TOKEN] = {401, "token", "A valid token is needed", "需要有效的令牌"},
    [RC_ROUTES_ROLE] = {403, "role", "This token may not do that", "此令牌无权进行该操作"},
    [RC_ROUTES_NO_SESSION] = {404, "session", "No such session", "没有这节课"},
    [RC_ROUTES_NO_EMPLOYEE] = {404, "employee", "No such employee", "没有这名员工"},
    [RC_ROUTES_NO_REGISTRATION] = {404, "registration", "This person isn't registered for this session",
				   "此人未报名这节课"},
    [RC_ROUTES_NO_KIOSK] = {404, "kiosk", "No such kiosk", "没有这台签到机"},
    [RC_ROUTES_NO_INBOX_ENTRY] = {404, "inbox_entry", "No such entry in the inbox", "收件箱中没有此事项"},
    [RC_ROUTES_SETTLED] = {409, "already_settled", "The entry is settled already", "该事项已处理"},
    [RC_ROUTES_NOT_THERE] = {409, "not_there", "This person has no attendance to take back",
			     "此人没有可撤回的签到"},
    [RC_ROUTES_NOT_OPEN] = {409, "not_open", "Nobody can be there yet: sign-in hasn't opened",
			    "尚未开放签到，不能补签"},
    [RC_ROUTES_PRECONDITION] = {412, "precondition_failed", "It has changed since you read it",
				"自您读取后内容已变更"},
    [RC_ROUTES_MEDIA_TYPE] = {415, "media_type", "The body must be application/json",
			      "请求正文须为 application/json"},
    [RC_ROUTES_UNKNOWN_FIELDS] = {422, "unknown_fields", "The body has fields that nobody knows",
				  "请求正文包含未知字段"},
    [RC_ROUTES_FIELD] = {422, "field", "A field of the body isn't of its form", "请求正文的字段格式不正确"},
    [RC_ROUTES_UNKNOWN_ROOM] = {422, "unknown_room", "The body names a room that isn't there",
				"请求正文中的培训室不存在"},
    [RC_ROUTES_UNKNOWN_KIOSK] = {422, "unknown_kiosk", "The body names a kiosk that isn't there",
				 "请求正文中的签到机不存在"},
    [RC_ROUTES_KEY_REUSED] = {422, "idempotency_conflict",
			      "This Idempotency-Key was used for another request",
			      "该 Idempotency-Key 已用于另一个请求"},
    [RC_ROUTES_PRECONDITION_REQUIRED] = {428, "precondition_required",
					 "What is there is changed with If-Match only",
					 "修改已有内容须带 If-Match"},
    [RC_ROUTES_TOO_MANY] = {429, "too_many_requests", "Too many requests; slow down",
			    "请求过于频繁，请稍后再试"},
};

void rc_routes__refuse(struct rc_http_response *response, enum rc_routes__problem problem,
		       const char *detail)
{
	rc_http_problem(response, problems[problem].status, problems[problem].code,
			problems[problem].en, problems[problem].zh, detail);
	if (problem == RC_ROUTES_TOKEN)
		rc_http_set_header(response, "WWW-Authenticate", "Bearer realm=\"rollcall\"");
}
