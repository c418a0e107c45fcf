/* SPDX-License-Identifier: Apache-2.0 */
/* What each kind of entry means and what an operator does about it, in both languages. */
#include "server/inbox/inbox.h"

#include <string.h>

const struct rc_inbox_kind rc_inbox_kinds[] = {
    {"fact.branch",
     {"签到机在同一位置发来了内容不同的记录；两份都已保存。",
      "A kiosk sent other content for a place it had filled before; both are kept."},
     {"核实该签到机是否由旧备份恢复过；若没有，请停用后重新注册。",
      "Ask whether the kiosk was restored from an old copy. If not, revoke it and enrol it "
      "again."}},
    {"fact.unread",
     {"有一行记录无法读取，已按原样保存。",
      "A line could not be read; its bytes are kept as they came."},
     {"检查签到机与服务器的版本是否匹配，必要时升级服务器。",
      "Compare the versions of kiosk and server; upgrade the server if it is the older one."}},
    {"fact.chain",
     {"记录链的前后哈希不相符。",
      "A fact doesn't follow on the one before it: the chain of hashes is broken."},
     {"对该签到机运行 verify，查看断开的位置，并检查其存储介质。",
      "Run verify on this kiosk to see where it breaks, and check its storage."}},
    {"facts.lost",
     {"签到机报告部分记录已丢失或被清理。",
      "A kiosk says that some of its facts are lost or were pruned."},
     {"查看详情中的范围，向讲师核对这段时间的签到，必要时补签。",
      "Look at the range in the detail, ask the trainers about that time, and mark attendance by "
      "hand where needed."}},
    {"fact.body",
     {"一条签到记录缺少必要内容，已保存但不计入考勤。",
      "A fact of attendance lacks what it needs; it is kept and doesn't count."},
     {"检查签到机与服务器的版本；向讲师核对该次签到，必要时补签。",
      "Compare the versions of kiosk and server; ask the trainer about it and mark by hand where "
      "needed."}},
    {"signature.bad",
     {"签到机对记录的签名无效。", "A kiosk's signature over its facts doesn't hold."},
     {"核实设备是否被更换或篡改；有疑问时停用并重新注册。",
      "Find out whether the device was exchanged or tampered with; if in doubt, revoke it and "
      "enrol it again."}},
    {"kiosk.forked",
     {"签到机的新记录没有接在它上次发送的记录之后：可能恢复过备份，或身份被复制。",
      "A kiosk's new chain of facts doesn't follow on the one it sent last: a copy was restored, "
      "or its identity copied."},
     {"核实是否恢复过该签到机的数据；若没有，请停用后重新注册。",
      "Ask whether its data were restored. If not, revoke the kiosk and enrol it again."}},
    {"kiosk.cloned",
     {"两台设备在使用同一个身份；其新记录已被隔离。",
      "Two devices use one identity; their new facts are in quarantine."},
     {"找到这两台设备，停用该身份并分别重新注册。",
      "Find both devices, revoke the identity and enrol each of them anew."}},
    {"kiosk.revoked_sent",
     {"已停用的签到机仍在发送记录；记录已被隔离。",
      "A kiosk that was revoked still sends facts; they are in quarantine."},
     {"若设备已找回，请重新注册；若被盗，请保留记录并报告。",
      "If the device is back, enrol it again. If it was stolen, keep the facts and report it."}},
    {"kiosk.unknown",
     {"签到机的证书由本服务器签发，但已不在清单中：服务器由较早的备份恢复。其记录已被隔离。",
      "A kiosk shows a certificate of this server's that isn't in the register: the server came "
      "back from an older backup. The kiosk's facts are in quarantine."},
     {"核实该设备及其所在培训室，然后运行 rollcall-server quarantine release 编号 --trust --room "
      "培训室。",
      "Find out which device it is and where it stands, then run rollcall-server quarantine "
      "release "
      "ID --trust --room CODE."}},
    {"person.unknown",
     {"签到的人员不在人员名册中。", "Somebody signed in whom the register of people doesn't know."},
     {"核对工号；若为新员工，请导入后该记录会自动生效。",
      "Check the staff number; a new employee's record counts by itself once they are imported."}},
    {"badge.dead",
     {"有人用已作废的胸牌签到；签到机当时不知道，已计入考勤。",
      "Somebody signed in with a badge that was dead already; the kiosk didn't know, and it "
      "counts."},
     {"核实到场的是否本人；若是他人使用，请撤回该次签到。",
      "Ask whether it was the person themselves; if somebody else used the badge, take the "
      "attendance back."}},
    {"session.unknown",
     {"有人签到了服务器不知道的课。",
      "Somebody signed in to a session that the server doesn't know."},
     {"多为签到机上临时开的课；请补录这节课。",
      "Mostly a session opened at the kiosk without a plan: enter it."}},
    {"clock.unsure",
     {"签到机当时的时钟不准，无法判断是否迟到。",
      "The kiosk's clock was unsure, so on time or late can't be decided."},
     {"向讲师核实到场时间，再作出决定；并检查签到机的网络与时钟。",
      "Ask the trainer when the person came and decide; check the kiosk's network and clock."}},
    {"attendance.claimed",
     {"有人没有带胸牌，在签到机上输入了工号；已按该工号记为到场。",
      "Somebody without a badge typed a staff number at the kiosk; its owner counts as being "
      "there."},
     {"向讲师核实此人确实到场；若不是本人，请撤回该次签到。",
      "Ask the trainer whether this person was there; if it was somebody else, take the attendance "
      "back."}},
    {"claim.unknown",
     {"签到机上输入的工号不属于任何员工，未计入考勤。",
      "A staff number typed at the kiosk is nobody's; it doesn't count."},
     {"根据详情中的工号、课次和时间找到此人，必要时补签。",
      "Find the person by the number, session and time in the detail, and mark them by hand where "
      "needed."}},
    {"claim.ambiguous",
     {"签到机上输入的工号对应多名员工，未计入考勤。",
      "A staff number typed at the kiosk is or was that of several people; it doesn't count."},
     {"向讲师核实是哪一位，再为其补签。",
      "Ask the trainer which of them it was, and mark that one by hand."}},
    {"claim.unreadable",
     {"签到机上输入的工号无法解读，未计入考勤。",
      "What was typed at the kiosk can't be read; it doesn't count."},
     {"向讲师核实这节课有谁没带胸牌，为其补签；若反复出现，请检查服务器的 seal.key 是否被更换。", "Ask the trainer who came without a badge and mark them by hand. If it comes again and again, "
												  "see whether the server's seal.key was replaced."}},
    {"server.restored",
     {"服务器由备份恢复（reason 为 "
      "restored），或数据库被换成了旧副本而由签到机发现（kiosk_ahead）；"
      "签到机会重新上传缺少的记录。",
      "The server was restored from a backup (reason restored), or an older copy of its database "
      "was put in place and a kiosk has noticed (kiosk_ahead); kiosks send again what is missing."},
     {"查看 facts.lost "
      "事项了解缺失范围；备份之后录入的内容（导入、胸牌、删除个人信息等）须重新执行。",
      "See the entries facts.lost for what stays missing. Do again what was entered after the copy "
      "was made: imports, badges, erasures."}},
    {"code.reused",
     {"有人用已用过的注册码注册另一台设备。",
      "Somebody tried to enrol another device with a code that was used."},
     {"核实是谁注册的；如非本单位所为，请检查注册码的保管方式。",
      "Find out who it was; if none of yours, look at how codes are kept."}},
};
const size_t rc_inbox_kind_count = sizeof(rc_inbox_kinds) / sizeof(rc_inbox_kinds[0]);

static const struct rc_inbox_kind other = {
    "",
    {"服务器请您查看此事项。", "The server asks you to look at this."},
    {"查看详情，处理后填写备注。", "Look at the detail, and settle it with a note."}};

const struct rc_inbox_kind *rc_inbox_kind(const char *name)
{
	for (size_t i = 0; i < rc_inbox_kind_count; i++)
		if (strcmp(rc_inbox_kinds[i].name, name) == 0)
			return &rc_inbox_kinds[i];
	return &other;
}
