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
     .help = {"feed:PATH (pictures from a socket) or none (none)",
	      "feed:路径（从套接字取画面）或 none（默认 none）"}},
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
     .help = {"how often the server is asked for changes (30)", "多久向服务器取一次更新（30 秒）"}},
    {.name = "rtc",
     .type = RC_OPTION_FLAG,
     .help = {"this board has a battery-backed clock", "本机有带电池的时钟"}},
};

static const struct rc_option status_options[] = {
    {.name = "json", .type = RC_OPTION_FLAG, .help = {"for programs", "供程序读取"}},
};

static const struct rc_verb verbs[] = {
    {.name = "run",
     .help = {"run the kiosk until it is stopped", "运行签到机，直到被停止"},
     OPTIONS(run_options),
     .run = rc_kiosk_run},
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

static const struct rc_program program = {
    .name = "rollcall-kiosk",
    .version = RC_VERSION,
    .help = {"the attendance terminal of a training room", "培训室签到机"},
    OPTIONS(program_options),
    .verbs = verbs,
    .verb_count = sizeof(verbs) / sizeof(verbs[0]),
};

int main(int argc, char **argv)
{
	return rc_options_run(&program, argc, argv);
}
