# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# ./dev lint: what neither a compiler nor a test says. Every check runs, so that one call shows all there is to mend.

failed_checks=()

# check NAME COMMAND…
check() {
	local name=$1
	shift
	step "$name"
	"$@" || failed_checks+=("$name")
}

# find_files FOLDERS… -- find's conditions: paths ended by NUL, nothing that was built or fetched.
find_files() {
	local -a folders=()
	while [ "$1" != -- ]; do
		[ -e "$1" ] && folders+=("$1")
		shift
	done
	shift
	find "${folders[@]}" \( -name node_modules -o -name build \) -prune -o -type f \( "$@" \) -print0
}

lint_layout() {
	find_files shared firmware server tests -- -name '*.c' -o -name '*.h' |
		xargs -0 -r clang-format --dry-run -Werror
}

lint_headers() {
	/usr/bin/python3 tests/tools/check_headers.py build/debug
}

lint_scripts() {
	find_files dev .ci cmake boards tests -- -name '*.sh' -o -path dev -o -path .ci/run | xargs -0 -r shellcheck -x -P SCRIPTDIR -S warning
}

lint_translations() {
	local po bad=0
	while IFS= read -r -d '' po; do
		msgfmt -c --check-accelerators=_ -o /dev/null "$po" || bad=1
		msgattrib --untranslated --no-wrap "$po" | grep -q . && printf '%s: has untranslated texts\n' "$po" && bad=1
		msgattrib --only-fuzzy --no-wrap "$po" | grep -q . && printf '%s: has fuzzy texts\n' "$po" && bad=1
	done < <(find_files firmware server shared -- -name '*.po')
	return $bad
}

lint_command() {
	need_packages
	[ -f build/debug/build.ninja ] || cmake --preset debug || fail "configuring debug failed (see above)."
	# Headers made by the build's generators must be there before others can include them.
	cmake --build --preset debug || fail "the debug build failed; lint looks at headers only after it builds."
	check "layout (clang-format)" lint_layout
	check "licence, banned calls, SQL in C, comments of public functions" /usr/bin/python3 tests/tools/check_source.py
	check "headers compile alone" lint_headers
	check "scripts (shellcheck)" lint_scripts
	check "translations" lint_translations
	check "what programs answer, in Chinese" /usr/bin/python3 tests/tools/check_words.py .
	if [ "${#failed_checks[@]}" -gt 0 ]; then
		printf '\n'
		fail "${#failed_checks[@]} checks have findings: $(printf '%s; ' "${failed_checks[@]}")mend what stands above (./dev format mends the layout)."
	fi
	finish "nothing to mend. Next: commit."
}
