# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# ./dev test: one ctest run a build. ctest speaks for itself; this file only chooses the runs and repeats their closing lines.

recap=()     # a line a run: its name and ctest's closing line
total_run=0  # tests over all runs
total_fail=0

# The closing line of a ctest log: "100% tests passed, 0 tests failed out of 12".
closing_line() { sed -n '/^[0-9]*% tests passed, [0-9]* tests failed out of [0-9]*/p' "$1" | tail -n 1; }

count_closing_line() {
	local -a word
	read -ra word <<<"$1"
	total_fail=$((total_fail + word[3]))
	total_run=$((total_run + word[8]))
}

print_recap() {
	local passed=$((total_run - total_fail))
	step "What ran (ctest's own words)"
	printf '%s\n' "${recap[@]}"
	[ "$total_run" -gt 0 ] || return 0
	printf 'all runs together:\n%d%% tests passed, %d tests failed out of %d\n' \
		$((passed * 100 / total_run)) "$total_fail" "$total_run"
}

# ASLR with 32 random bits, as newer kernels have it, is more than this clang's TSan can map; where personality(2) is
# forbidden (some containers) the tests run as they are.
without_aslr() {
	if setarch "$(uname -m)" -R true 2>/dev/null; then
		setarch "$(uname -m)" -R "$@"
	else
		"$@"
	fi
}

# run PRESET RINGS [ctest option…]: builds, tests, notes the closing line; stops the whole command at a failure.
run() {
	local preset=$1 rings=$2 log=build/$1/ctest.log wrap='' status line
	shift 2
	build "$preset"
	[ "$preset" = tsan ] && wrap=without_aslr
	step "Testing $preset: $rings"
	# One more than there are cores: tests of whole programs wait more than they work.
	LC_ALL=C.UTF-8 $wrap ctest --test-dir "build/$preset" -L "^($rings)\$" "-j$(($(nproc) + 1))" --output-on-failure --no-tests=error \
		--output-junit ctest.xml --test-output-size-passed 8388608 --test-output-size-failed 8388608 "$@" \
		2>&1 | tee "$log"
	status=${PIPESTATUS[0]}
	line=$(closing_line "$log")
	recap+=("$preset: ${line:-no test ran}")
	[ -n "$line" ] && count_closing_line "$line"
	[ "$status" = 0 ] && return 0
	print_recap
	fail "$preset failed. Again, only what failed: ctest --test-dir build/$preset --rerun-failed --output-on-failure"
}

# The table names the functions that prove its rows; all of them must have run and passed in the release run.
check_cases() {
	step "Checking tests/CASES.tsv"
	LC_ALL=C.UTF-8 /usr/bin/python3 tests/tools/check_cases.py tests/CASES.tsv build/release/ctest.xml ||
		fail "tests/CASES.tsv names tests that did not prove their rows (see above)."
}

run_everything() {
	run release 'unit|module|system'
	check_cases
	run asan 'unit|module|system'
	run tsan 'unit|module'
}

test_command() {
	local quick='' rings='' names='' next='./dev test runs all of it'
	while [ $# -gt 0 ]; do
		case $1 in
		--quick) quick=yes ;;
		--ring | -R)
			[ -n "${2:-}" ] || fail "test $1 wants a value."
			[ "$1" = -R ] && names=$2 || rings=$2
			shift
			;;
		--long) rings=long ;;
		*) fail "test does not know '$1'. Use: ./dev test [--quick | --long] [--ring unit|module|system] [-R REGEX]" ;;
		esac
		shift
	done
	case $rings in
	'' | unit | module | system | long) ;;
	*) fail "there is no ring '$rings'. Use unit, module or system." ;;
	esac

	SECONDS=0
	if [ -n "$quick" ]; then
		run debug "${rings:-unit|module}" ${names:+-R "$names"}
	elif [ -n "$rings$names" ]; then
		run release "${rings:-unit|module|system}" ${names:+-R "$names"}
	else
		run_everything
		next='commit, or ./dev lint'
	fi
	print_recap
	finish "tests passed in $((SECONDS / 60)) min $((SECONDS % 60)) s. Next: $next."
}
