# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# ./dev bench: what things cost, beside baselines of the same run, and which goals are met.

bench_command() {
	local argument
	for argument in "$@"; do
		case $argument in
		--json | --quick | journal | facts | ingest | http | door | programs) ;;
		*) fail "bench does not know '$argument'. Use: ./dev bench [--json] [--quick] [journal|facts|ingest|http|door|programs …]." ;;
		esac
	done
	build release >&2
	RC_BIN=$PWD/build/release/bin PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/bench/bench.py "$@" ||
		fail "measuring failed (see above)."
}
