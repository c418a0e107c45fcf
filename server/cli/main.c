/* SPDX-License-Identifier: Apache-2.0 */
/* rollcall-server: the server and what an administrator asks of it. The table is the program. */
#include "server/cli/verbs.h"

#include "shared/options/options.h"

#define OPTIONS(list) .options = (list), .option_count = sizeof(list) / sizeof((list)[0])

static const struct rc_option program_options[] = {
    {.name = "dir",
     .type = RC_OPTION_TEXT,
     .argument = "DIR",
     .min = 1,
     .max = 3000,
     .help = {"the server's data folder (/var/lib/rollcall-server)",
	      "服务器数据目录（默认 /var/lib/rollcall-server）"}},
};

static const struct rc_option init_options[] = {
    {.name = "organisation",
     .type = RC_OPTION_TEXT,
     .argument = "NAME",
     .is_required = true,
     .help = {"what the company is called on badges and screens", "胸牌和屏幕上显示的单位名称"}},
    {.name = "url",
     .type = RC_OPTION_TEXT,
     .argument = "URL",
     .is_required = true,
     .help = {"where kiosks reach this server: https://HOST:PORT",
	      "签到机连接本服务器的地址：https://主机:端口"}},
    {.name = "people-url",
     .type = RC_OPTION_TEXT,
     .argument = "URL",
     .help = {"where people reach it, if it has a name of its own",
	      "人员访问的地址（如另有名称）"}},
    {.name = "database",
     .type = RC_OPTION_TEXT,
     .argument = "URL",
     .help = {"an empty PostgreSQL database: postgres://USER@HOST/NAME; without it SQLite in the "
	      "folder",
	      "空的 PostgreSQL 数据库：postgres://用户@主机/库名；不给出则使用目录中的 SQLite"}},
};

static const struct rc_option serve_options[] = {
    {.name = "device",
     .type = RC_OPTION_TEXT,
     .argument = "ADDR:PORT",
     .help = {"listen for kiosks here (0.0.0.0:8443); port 0: any free one",
	      "签到机监听地址（默认 0.0.0.0:8443）；端口 0 表示任选空闲端口"}},
    {.name = "people",
     .type = RC_OPTION_TEXT,
     .argument = "ADDR:PORT",
     .help = {"listen for people and programs here (127.0.0.1:8080)",
	      "人员和程序监听地址（默认 127.0.0.1:8080）"}},
    {.name = "operations",
     .type = RC_OPTION_TEXT,
     .argument = "ADDR:PORT",
     .help = {"tell metrics and health here (127.0.0.1:9464); none: nowhere",
	      "指标与健康状态的监听地址（默认 127.0.0.1:9464）；none 表示不监听"}},
    {.name = "people-certificate",
     .type = RC_OPTION_TEXT,
     .argument = "FILE",
     .help = {"PEM chain for it; needed beyond loopback", "其 PEM 证书链；非回环地址必须提供"}},
    {.name = "people-key",
     .type = RC_OPTION_TEXT,
     .argument = "FILE",
     .help = {"PEM key that belongs to the certificate", "与证书对应的 PEM 私钥"}},
    {.name = "run-file",
     .type = RC_OPTION_TEXT,
     .argument = "FILE",
     .min = 1,
     .max = 3000,
     .help = {"write URLs and process id as JSON once it listens",
	      "开始监听后把地址和进程号写成 JSON"}},
    {.name = "config",
     .type = RC_OPTION_TEXT,
     .argument = "FILE",
     .help = {"settings (/etc/rollcall/server.conf, if it is there)",
	      "设置文件（默认 /etc/rollcall/server.conf，可不存在）"}},
};

static const struct rc_option config_options[] = {
    {.name = "config",
     .type = RC_OPTION_TEXT,
     .argument = "FILE",
     .help = {"the file to look at (/etc/rollcall/server.conf)",
	      "要查看的文件（默认 /etc/rollcall/server.conf）"}},
    {.name = "show",
     .type = RC_OPTION_FLAG,
     .help = {"print all settings that hold, each with where it comes from (the default)",
	      "打印全部有效设置及其来源（默认）"}},
    {.name = "check",
     .type = RC_OPTION_FLAG,
     .help = {"only say whether they can be used: every fault with its line, status 3",
	      "只检查能否使用：列出每处错误及行号，退出状态 3"}},
    {.name = "sample",
     .type = RC_OPTION_FLAG,
     .help = {"print a file with every key explained, to start from", "打印带说明的样例文件"}},
    {.name = "reference",
     .type = RC_OPTION_FLAG,
     .help = {"print all keys as Markdown", "以 Markdown 打印全部设置项"}},
};

static const struct rc_option import_options[] = {
    {.name = "dry-run",
     .type = RC_OPTION_FLAG,
     .help = {"show how the file is understood and what it would do, and write nothing",
	      "预览文件的读取方式和导入结果，不写入"}},
    {.name = "encoding",
     .type = RC_OPTION_TEXT,
     .argument = "NAME",
     .help = {"utf-8, gb18030 (gbk), utf-16le, utf-16be, big5 or windows-1252, where it can't be "
	      "found out",
	      "文件编码：utf-8、gb18030（gbk）、utf-16le、utf-16be、big5 或 "
	      "windows-1252；不指定则自动识别"}},
};

static const struct rc_option code_options[] = {
    {.name = "room",
     .type = RC_OPTION_TEXT,
     .argument = "CODE",
     .is_required = true,
     .help = {"the room where the kiosk will stand", "签到机所在培训室的编号"}},
    {.name = "valid",
     .type = RC_OPTION_TEXT,
     .argument = "TIME",
     .help = {"how long the code is good: 10m (the default) to 7d",
	      "注册码有效时间：10m（默认）至 7d"}},
    {.name = "replaces",
     .type = RC_OPTION_TEXT,
     .argument = "ID",
     .help = {"the kiosk whose place the new one takes", "被替换的签到机编号"}},
    {.name = "png",
     .type = RC_OPTION_TEXT,
     .argument = "FILE",
     .min = 1,
     .max = 3000,
     .help = {"also write the code as a picture", "同时把注册码写成图片"}},
};

static const struct rc_option list_options[] = {
    {.name = "json", .type = RC_OPTION_FLAG, .help = {"for programs", "供程序读取"}},
};

static const struct rc_option badges_options[] = {
    {.name = "out",
     .type = RC_OPTION_TEXT,
     .argument = "DIR",
     .is_required = true,
     .min = 1,
     .max = 3000,
     .help = {"the folder for the pictures, made if it isn't there",
	      "存放图片的目录，不存在时创建"}},
};

static const struct rc_option badge_options[] = {
    {.name = "out",
     .type = RC_OPTION_TEXT,
     .argument = "FILE",
     .is_required = true,
     .min = 1,
     .max = 3000,
     .help = {"the picture", "图片文件"}},
};

static const struct rc_option new_options[] = {
    {.name = "keep-old", .type = RC_OPTION_FLAG, .help = {"the old badge stays good", "原胸牌继续有效"}},
};

static const struct rc_option attendance_options[] = {
    {.name = "format",
     .type = RC_OPTION_TEXT,
     .argument = "FORMAT",
     .help = {"table (the default), csv or json", "table（默认）、csv 或 json"}},
};

static const struct rc_option settle_options[] = {
    {.name = "note",
     .type = RC_OPTION_TEXT,
     .argument = "TEXT",
     .is_required = true,
     .min = 1,
     .max = 1000,
     .help = {"what was found and done, for the audit", "查明的情况和处理方法，记入审计"}},
};

static const struct rc_option token_options[] = {
    {.name = "name",
     .type = RC_OPTION_TEXT,
     .argument = "NAME",
     .is_required = true,
     .help = {"whose token it is, for the audit", "令牌归谁使用，记入审计"}},
    {.name = "role",
     .type = RC_OPTION_TEXT,
     .argument = "ROLE",
     .is_required = true,
     .help = {"reader or operator", "reader（只读）或 operator（可修改）"}},
};

static const struct rc_option release_options[] = {
    {.name = "trust",
     .type = RC_OPTION_FLAG,
     .help = {"let its next facts count at once, too", "其后续记录也立即生效"}},
    {.name = "room",
     .type = RC_OPTION_TEXT,
     .argument = "CODE",
     .help = {"with --trust, the room of a kiosk that this server doesn't know any more",
	      "与 --trust 一起使用：本服务器已不认识的签到机所在培训室的编号"}},
};

#define PASSPHRASE_FILE                                                                              \
	{                                                                                            \
		.name = "passphrase-file", .type = RC_OPTION_TEXT, .argument = "FILE", .min = 1,     \
		.max = 3000, .help = {                                                               \
			"the passphrase of its secrets; -: from stdin; without it the terminal "     \
			"is asked",                                                                  \
			"密钥口令文件；- 表示标准输入；未指定时在命令行询问" \
		}                                                                                    \
	}

static const struct rc_option backup_options[] = {
    {.name = "out",
     .type = RC_OPTION_TEXT,
     .argument = "FILE",
     .min = 1,
     .max = 3000,
     .help = {"the backup to make; one of that name is replaced",
	      "要生成的备份文件；同名文件会被替换"}},
    {.name = "with-secrets",
     .type = RC_OPTION_FLAG,
     .help = {"put the keys in too, sealed to a passphrase", "同时包含密钥，并用口令加密"}},
    {.name = "check",
     .type = RC_OPTION_TEXT,
     .argument = "FILE",
     .min = 1,
     .max = 3000,
     .help = {"instead look whether this backup is whole: status 1 if it isn't",
	      "改为检查此备份是否完整：不完整时退出状态为 1"}},
    PASSPHRASE_FILE,
};

static const struct rc_option restore_options[] = {
    {.name = "from",
     .type = RC_OPTION_TEXT,
     .argument = "FILE",
     .is_required = true,
     .min = 1,
     .max = 3000,
     .help = {"the backup", "备份文件"}},
    PASSPHRASE_FILE,
};

static const struct rc_verb verbs[] = {
    {.name = "init",
     .help = {"set a server up in an empty folder", "在空目录中建立服务器"},
     OPTIONS(init_options),
     .run = rc_cli_init},
    {.name = "serve",
     .help = {"serve until SIGTERM", "运行服务器，直到收到 SIGTERM"},
     OPTIONS(serve_options),
     .run = rc_cli_serve,
     .is_service = true},
    {.name = "config", .help = {"look at the settings", "查看设置"}, OPTIONS(config_options), .run = rc_cli_config},
    {.name = "import",
     .help = {"bring in a CSV table; TABLE: rooms, employees, sessions or registrations; FILE: - "
	      "for standard input",
	      "导入 CSV 表格；TABLE：rooms（培训室）、employees（员工）、sessions（课次）或 "
	      "registrations（报名）；FILE：- 表示标准输入"},
     OPTIONS(import_options),
     .operands = {.names = "TABLE FILE", .min = 2, .max = 2},
     .run = rc_cli_import},
    {.name = "kiosk code",
     .help = {"make a code that lets a kiosk in", "生成签到机注册码"},
     OPTIONS(code_options),
     .run = rc_cli_kiosk_code},
    {.name = "kiosk list", .help = {"list the kiosks", "列出签到机"}, OPTIONS(list_options), .run = rc_cli_kiosk_list},
    {.name = "kiosk revoke",
     .help = {"shut a kiosk out", "停用一台签到机"},
     .operands = {.names = "ID", .min = 1, .max = 1},
     .run = rc_cli_kiosk_revoke},
    {.name = "badges",
     .help = {"print the badges of everybody registered for a session",
	      "打印某课次全部报名人员的胸牌"},
     OPTIONS(badges_options),
     .operands = {.names = "SESSION", .min = 1, .max = 1},
     .run = rc_cli_badges},
    {.name = "badge",
     .help = {"print one person's badge", "打印一人的胸牌"},
     OPTIONS(badge_options),
     .operands = {.names = "NUMBER", .min = 1, .max = 1},
     .run = rc_cli_badge},
    {.name = "badge new",
     .help = {"give a person a new badge; the old one stops working", "为一人换发胸牌，原胸牌失效"},
     OPTIONS(new_options),
     .operands = {.names = "NUMBER", .min = 1, .max = 1},
     .run = rc_cli_badge_new},
    {.name = "badge revoke",
     .help = {"revoke all badges of a person", "作废一人的全部胸牌"},
     .operands = {.names = "NUMBER", .min = 1, .max = 1},
     .run = rc_cli_badge_revoke},
    {.name = "attendance",
     .help = {"show who was there; SESSION: its code or id", "查看考勤；SESSION：课次编号或 id"},
     OPTIONS(attendance_options),
     .operands = {.names = "SESSION", .min = 1, .max = 1},
     .run = rc_cli_attendance},
    {.name = "inbox",
     .help = {"show what waits for a human, and what to do about it", "查看待处理事项及处理办法"},
     OPTIONS(list_options),
     .run = rc_cli_inbox},
    {.name = "inbox settle",
     .help = {"settle an entry; KEY: as `inbox` shows it", "处理一项事项；KEY：inbox 中显示的编号"},
     OPTIONS(settle_options),
     .operands = {.names = "KEY", .min = 1, .max = 1},
     .run = rc_cli_inbox_settle},
    {.name = "token create",
     .help = {"make a token for the API", "生成接口令牌"},
     OPTIONS(token_options),
     .run = rc_cli_token_create},
    {.name = "token list",
     .help = {"list the tokens that were made", "列出已生成的令牌"},
     OPTIONS(list_options),
     .run = rc_cli_token_list},
    {.name = "token revoke",
     .help = {"make all tokens of a name worthless", "作废某名称的全部令牌"},
     .operands = {.names = "NAME", .min = 1, .max = 1},
     .run = rc_cli_token_revoke},
    {.name = "quarantine list",
     .help = {"list the kiosks whose facts wait for an operator",
	      "列出有记录等待处理（隔离）的签到机"},
     OPTIONS(list_options),
     .run = rc_cli_quarantine_list},
    {.name = "quarantine release",
     .help = {"let the facts of a kiosk count that wait; ID: the kiosk's",
	      "使某签到机被隔离的记录生效；ID：签到机编号"},
     OPTIONS(release_options),
     .operands = {.names = "ID", .min = 1, .max = 1},
     .run = rc_cli_quarantine_release},
    {.name = "backup",
     .help = {"copy the server into one file while it runs", "在运行时把服务器备份成一个文件"},
     OPTIONS(backup_options),
     .run = rc_cli_backup},
    {.name = "restore",
     .help = {"make a server of a backup in an empty folder", "在空目录中由备份恢复服务器"},
     OPTIONS(restore_options),
     .run = rc_cli_restore},
    {.name = "verify",
     .help = {"check that no fact was changed afterwards", "检查事实是否被事后改动"},
     .run = rc_cli_verify},
    {.name = "rebuild",
     .help = {"work all records out anew from the facts", "根据事实重新计算全部记录"},
     .run = rc_cli_rebuild},
};

static const struct rc_manual_file files[] = {
    {"/etc/rollcall/server.conf", {"the settings", "设置文件"}},
    {"/etc/rollcall/server.conf.d/*.conf",
     {"more of them, in the order of their names; later ones win",
      "补充设置，按文件名顺序读取，后者优先"}},
    {"/var/lib/rollcall-server/rollcall.db", {"the database", "数据库"}},
    {"/var/lib/rollcall-server/secrets",
     {"the keys; without them the database is of no use, so back them up apart from it",
      "密钥；没有它们数据库就无法使用，请与数据库分开备份"}},
};
static const struct rc_manual manual = {
    .date = "November 24, 2026",
    .description =
	{"The server in the office: it takes what the kiosks saw, keeps it unchanged, and "
	 "makes attendance of it.\n"
	 "Every verb works beside a running server.\n"
	 "Run the verbs as the user of the server, or what they write can't be used by it.",
	 "办公室中的服务器：接收签到机的记录，原样保存，并据此得出考勤。\n"
	 "服务器运行时各命令也可使用。\n"
	 "请以服务器的用户身份执行各命令，否则服务器无法使用其写入的文件。"},
    .files = files,
    .file_count = sizeof(files) / sizeof(files[0]),
};

static const struct rc_program program = {
    .name = "rollcall-server",
    .version = RC_VERSION,
    .help = {"the server behind the kiosks of training rooms", "培训室签到机的服务器"},
    OPTIONS(program_options),
    .verbs = verbs,
    .verb_count = sizeof(verbs) / sizeof(verbs[0]),
    .manual = &manual,
};

int main(int argc, char **argv)
{
	return rc_options_run(&program, argc, argv);
}
