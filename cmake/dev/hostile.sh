# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# ./dev hostile: other people's attackers against a server of ours. Some minutes, and packages that nothing else needs.

hostile_command() {
	local -a missing=()
	[ $# -eq 0 ] || fail "hostile takes no arguments. Use: ./dev hostile"
	command -v slowhttptest >/dev/null || missing+=(slowhttptest)
	command -v sslscan >/dev/null || missing+=(sslscan)
	command -v testssl >/dev/null || missing+=(testssl.sh)
	/usr/bin/python3 -c 'import yaml' 2>/dev/null || missing+=(python3-yaml)
	if [ "${#missing[@]}" != 0 ]; then
		step "Installing ${missing[*]}"
		as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" ||
			fail "they could not be installed (see above)."
	fi
	build release
	step "Slow peers, scanners of TLS and collections of bad requests"
	RC_BIN=$PWD/build/release/bin RC_SOURCE=$PWD PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/hostile/tools_test.py ||
		fail "an attacker got further than it should (see above)."
	finish "the server held against all of them."
}
