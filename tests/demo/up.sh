#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./dev up --dir DIR [--kiosk] [--json]: a server with demo data on loopback, left running.
exec /usr/bin/python3 "$(dirname "$0")/up.py" "$@"
