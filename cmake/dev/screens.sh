# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# ./dev screens: each screen and verdict, drawn by the real program, as pictures with a page that shows them.

screens_command() {
	local out=build/screens-gallery count
	while [ $# -gt 0 ]; do
		case $1 in
		--out)
			[ $# -ge 2 ] || fail "--out needs a folder."
			out=$2
			shift 2
			;;
		*) fail "screens does not know '$1'. Use: ./dev screens [--out DIR]." ;;
		esac
	done
	need_packages
	if [ ! -f build/release/build.ninja ]; then
		step "Configuring release"
		cmake --preset release || fail "configuring release failed (see above)."
	fi
	step "Building the screen"
	cmake --build --preset release --target rollcall-screen || fail "building rollcall-screen failed (see above)."
	step "Drawing"
	count=$(PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/system/screen/gallery.py build/release/bin/rollcall-screen "$out") ||
		fail "drawing the gallery failed (see above)."
	finish "$count pictures are in $(realpath "$out"). Next: open $(realpath "$out")/index.html and look at each as a stranger would."
}
