#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./dev demo [--check] [--break camera|disk|ack] [--seed N]: a morning at a door, on this machine.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
output="${RC_SOURCE:-$here/../..}/demo-output"
if [ "$(id -u)" = 0 ]; then
    echo "· the demo runs scanner, daemon and screen as one user: it shows the way of a scan, not their isolation"
fi
if /usr/bin/python3 "$here/demo.py" --dir "$output" "$@"; then
    echo "demo: as expected. Pictures: $output/screenshots; next: ./dev test"
else
    echo "demo: NOT as expected (see above). Logs: $output"
    exit 1
fi
