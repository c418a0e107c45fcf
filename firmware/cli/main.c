/* SPDX-License-Identifier: Apache-2.0 */
/* rollcall-kiosk: the daemon and what an administrator asks of a kiosk. The table is the program. */
#include "firmware/cli/verbs.h"

#include "shared/options/options.h"

#define OPTIONS(list) .options = (list), .option_count = sizeof(list) / sizeof((list)[0])

static const struct rc_option program_options[] = {
    {.name = "config",
     .type = RC_OPTION_TEXT,
     .argument = "FILE",
     .help = {"the settings (/etc/rollcall/kiosk.conf and kiosk.conf.d); options go before them",
	      "设置文件（/etc/rollcall/kiosk.conf 和 kiosk.conf.d）；命令行优先"}},
    {.name = "data",
     .type = RC_OPTION_TEXT,
     .argument = "DIR",
     .help = {"the kiosk's data folder (/var/lib/rollcall-kiosk)",
	      "数据目录（/var/lib/rollcall-kiosk）"}},
    {.name = "run",
     .type = RC_OPTION_TEXT,
     .argument = "DIR",
     .help = {"the folder of its sockets (/run/rollcall)", "套接字目录（/run/rollcall）"}},
};

static const struct rc_option run_options[] = {
    {.name = "camera",
     .type = RC_OPTION_TEXT,
     .argument = "CAMERA",
     .help = {"v4l2:/dev/video0 (a camera), feed:PATH (pictures from a socket) or none (none)",
	      "v4l2:/dev/video0（摄像头）、feed:路径（从套接字取画面）或 none（默认 none）"}},
    {.name = "scanner",
     .type = RC_OPTION_TEXT,
     .argument = "PROGRAM",
     .help = {"rollcall-scanner (the one beside this program)",
	      "rollcall-scanner 的路径（默认与本程序同目录）"}},
    {.name = "screen-user",
     .type = RC_OPTION_TEXT,
     .argument = "USER",
     .help = {"the user the screen runs as, if another one", "屏幕程序的用户，若与本程序不同"}},
    {.name = "poll",
     .type = RC_OPTION_INT,
     .min = 1,
     .max = 600,
     .argument = "SECONDS",
     .help = {"how often the server hears from the kiosk when nothing happens (30)",
	      "无事时多久联系一次服务器（30 秒）"}},
    {.name = "rtc",
     .type = RC_OPTION_FLAG,
     .help = {"this board has a battery-backed clock", "本机有带电池的时钟"}},
};

static const struct rc_option config_options[] = {
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

static const struct rc_option status_options[] = {
    {.name = "json", .type = RC_OPTION_FLAG, .help = {"for programs", "供程序读取"}},
};

static const struct rc_verb verbs[] = {
    {.name = "run",
     .help = {"run the kiosk until it is stopped", "运行签到机，直到被停止"},
     OPTIONS(run_options),
     .run = rc_kiosk_run,
     .is_service = true},
    {.name = "config", .help = {"look at the settings", "查看设置"}, OPTIONS(config_options), .run = rc_kiosk_config},
    {.name = "enrol",
     .help = {"enrol this kiosk with a code of the server", "用服务器的注册码注册本机"},
     .operands = {.names = "CODE", .min = 1, .max = 1},
     .run = rc_kiosk_enrol},
    {.name = "decode",
     .help = {"print the codes in pictures, a line each", "打印图片中的二维码，每行一个"},
     .operands = {.names = "FILE", .min = 1, .max = RC_OPERANDS_MAX},
     .run = rc_kiosk_decode},
    {.name = "status",
     .help = {"say how this kiosk is", "显示本机状态"},
     OPTIONS(status_options),
     .run = rc_kiosk_status},
    {.name = "verify", .help = {"check the whole journal", "检查全部签到日志"}, .run = rc_kiosk_verify},
};

static const struct rc_manual_file files[] = {
    {"/etc/rollcall/kiosk.conf", {"the settings", "设置文件"}},
    {"/etc/rollcall/kiosk.conf.d/*.conf",
     {"more of them, in the order of their names; later ones win",
      "补充设置，按文件名顺序读取，后者优先"}},
    {"/var/lib/rollcall-kiosk",
     {"identity, journal and roster; only the daemon writes there",
      "身份、签到日志和名册；只由守护进程写入"}},
    {"/run/rollcall/screen.sock", {"where the screen connects", "屏幕程序的连接处"}},
    {"/run/rollcall/control.sock", {"where these verbs ask the daemon", "各命令询问守护进程的地方"}},
};
static const struct rc_manual manual = {
    .date = "November 24, 2026",
    .description =
	{"The kiosk at the door of a training room and what an administrator asks of it.\n"
	 "Everything it needs at the door is on its own disk; the network is used when it is "
	 "there.\n"
	 "What the screen has confirmed is on disk.\n"
	 "Run the verbs as the user of the daemon, or what they write can't be used by it.",
	 "培训室门口的签到机，以及管理员对它的操作。\n"
	 "签到所需的一切都在本机磁盘上，有网络时才使用网络。\n"
	 "屏幕确认过的签到都已写入磁盘。\n"
	 "请以守护进程的用户身份执行各命令，否则守护进程无法使用其写入的文件。"},
    .files = files,
    .file_count = sizeof(files) / sizeof(files[0]),
};

static const struct rc_program program = {
    .name = "rollcall-kiosk",
    .version = RC_VERSION,
    .help = {"the attendance terminal of a training room", "培训室签到机"},
    OPTIONS(program_options),
    .verbs = verbs,
    .verb_count = sizeof(verbs) / sizeof(verbs[0]),
    .manual = &manual,
};

int main(int argc, char **argv)
{
	return rc_options_run(&program, argc, argv);
}
