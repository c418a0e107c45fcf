#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./dev down --dir DIR: ends what ./dev up started there. The data stay.
set -euo pipefail
[ "${1:-}" = --dir ] && [ -n "${2:-}" ] || { echo "down: usage: ./dev down --dir DIR"; exit 2; }
dir=$2
[ -f "$dir/run.json" ] || { echo "down: nothing was started in $dir"; exit 1; }
mapfile -t pids < <(/usr/bin/python3 -c 'import json, sys; print(*json.load(open(sys.argv[1]))["pids"], sep="\n")' "$dir/run.json")
for pid in "${pids[@]}"; do
    # A number may have gone to another program meanwhile: only what runs in this folder is ended.
    if tr '\0' ' ' < "/proc/$pid/cmdline" 2> /dev/null | grep -qF -- "$(cd "$dir" && pwd)"; then
        kill "$pid" 2> /dev/null || true
    fi
done
for pid in "${pids[@]}"; do
    timeout 20 tail --pid="$pid" -f /dev/null || { echo "down: process $pid does not end"; exit 1; }
done
rm -f "$dir/run.json"
echo "down: ${#pids[@]} programs ended; the data are still in $dir."
