#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints docs/configuration.md out of the tables of the programs in RC_BIN (build/release/bin). system.ops.config checks that the
# file is what this prints.
set -eu
bin=${RC_BIN:-$(dirname "$0")/../build/release/bin}

cat <<'TEXT'
# Settings · 设置

Made by `docs/configuration.sh` from the tables that read the files; don't edit it.

A program reads `NAME.conf` and then `NAME.conf.d/*.conf` in the order of their names; later ones win, the command line wins over
all. All faults of all files are told at once with their lines, and a file with one is not used at all (exit status 3); an unknown
key is only a warning. `rollcall-kiosk config` and `rollcall-server config` print what holds and where it comes from, `--check`
says whether it can be used, `--sample` prints a file to start from.

程序先读 `NAME.conf`，再按文件名顺序读 `NAME.conf.d/*.conf`；后者优先，命令行优先于文件。所有错误连同行号一次列出，有错误的设置不会被使用
（退出状态 3）；未知的键只产生警告。`config` 打印有效设置及其来源，`--check` 只作检查，`--sample` 打印样例文件。

TEXT
printf '## `/etc/rollcall/kiosk.conf`\n\n'
"$bin/rollcall-kiosk" config --reference
printf '\n## `/etc/rollcall/server.conf`\n\n'
"$bin/rollcall-server" config --reference
