/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TRAINING_REGISTRATIONS_H
#define RC_TRAINING_REGISTRATIONS_H
/*
 * Who is registered for which session. Kiosks know the confirmed ones only; excused and cancelled ones count when the
 * server judges. Blocks for the database; any thread.
 */
#include "server/hr/hr.h"
#include "server/tables/report.h"

/*
 * Imports registrations from a CSV file. Columns: session 场次 (its code), number 工号 (old ones too); optional state 状态
 * (confirmed 确认, which is what a new one is; cancelled 取消, excused 请假). One row a person and session. Nobody is struck off
 * for not being in the file. Records that a changed registration touches are judged anew. All or nothing, as rc_people_import.
 */
RC_CHECKED enum rc_status rc_registrations_import(const struct rc_hr *hr, struct rc_bytes file,
						  struct rc_import *import, struct rc_error *err);

#endif
