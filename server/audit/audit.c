/* SPDX-License-Identifier: Apache-2.0 */
#include "server/audit/audit.h"

#include "server/audit_sql/statements.h"
#include "server/db/db.h"

enum rc_status rc_audit_write(struct rc_db_tx *tx, const struct rc_audit *audit, int64_t now_ms,
			      struct rc_error *err)
{
	int64_t n = 0;
	enum rc_status status = rc_db_log_take(tx, "audit", 1, &n, err);

	if (status != RC_OK)
		return status;
	return rc_db_exec(tx, &rc_sql_audit_add,
			  RC_DB_VALUES(RC_DB_INT(n), RC_DB_INT(now_ms), RC_DB_TEXT(audit->actor),
				       RC_DB_TEXT(audit->action), RC_DB_TEXT(audit->entity),
				       RC_DB_TEXT(audit->id), RC_DB_TEXT(audit->detail)),
			  err);
}
