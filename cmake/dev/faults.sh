# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# ./dev faults: storage that fails, in the long form. ctest runs the short one (module.faults).

faults_command() {
	local seed=1 runs=1000 database=() only=''
	while [ $# -gt 0 ]; do
		case $1 in
		--seed | --runs)
			[[ "${2:-}" =~ ^[0-9]+$ ]] || fail "faults $1 wants a number."
			[ "$1" = --seed ] && seed=$2 || runs=$2
			;;
		--database)
			[ -n "${2:-}" ] || fail "faults --database wants a name."
			only=$2
			database=(--database "$2")
			;;
		*) fail "faults does not know '$1'. Use: ./dev faults [--seed N] [--runs N] [--database NAME]" ;;
		esac
		shift 2
	done
	build release
	step "Cutting the power at random moments, from seed $seed on"
	build/release/bin/rollcall-faults --seed "$seed" --runs "$runs" "${database[@]}" ||
		fail "a promise was broken (see above); the line with 'again' makes that run again."
	[ -n "$only" ] && return 0
	step "Failing each piece of memory, read, write and sync"
	RC_FAULTS_ALL=1 CMOCKA_MESSAGE_OUTPUT=TAP build/release/tests/module.faults.calls ||
		fail "a call that failed broke a promise (see above)."
	finish "every promise was kept. Next: ./dev faults --seed $((seed + runs)) for other runs."
}
