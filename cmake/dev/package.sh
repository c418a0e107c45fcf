# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# ./dev package: Debian packages of the release build, by dpkg's own tools; --check tries them in a fresh Debian.
# boards/common/debian/README.md says what they do.

PACKAGE_TOOLS='dpkg-dev lintian mmdebstrap systemd-container'
PACKAGE_PARTS=boards/common
PACKAGE_OUT=build/release/packages

package_version() { sed -n 's/^project(rollcall VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt; }

need_package_tools() {
	local -a tools
	read -ra tools <<<"$PACKAGE_TOOLS"
	dpkg-query -W "${tools[@]}" >/dev/null 2>&1 && return 0
	step "Installing what packaging needs: $PACKAGE_TOOLS"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${tools[@]}" ||
		fail "apt-get could not install them (see above)."
}

# ---- what goes in ----------------------------------------------------------------------------------------------------

# put MODE SOURCE TARGET: TARGET is below the package's root.
put() { install -D -m "$1" "$2" "$root/$3" || fail "$2 can't be packed."; }

# put_gz SOURCE TARGET: without name and time, so that the same build gives the same package.
put_gz() {
	put 0644 "$1" "$2"
	gzip -9nf "$root/$2" || fail "$2 can't be packed."
}

# A program with its manual and completion.
put_program() {
	local program=$1
	put 0755 "build/release/bin/$program" "usr/bin/$program"
	strip --strip-unneeded --remove-section=.comment --remove-section=.note "$root/usr/bin/$program" ||
		fail "$program can't be stripped."
	put_gz "build/release/man/man8/$program.8" "usr/share/man/man8/$program.8"
	put_gz "build/release/man/zh_CN/man8/$program.8" "usr/share/man/zh_CN/man8/$program.8"
	put 0644 "build/release/completions/$program" "usr/share/bash-completion/completions/$program"
}

put_common() {
	local package=$1 doc=usr/share/doc/$1
	put 0644 "$PACKAGE_PARTS/sysusers.d/$package.conf" "usr/lib/sysusers.d/$package.conf"
	put 0644 "$PACKAGE_PARTS/tmpfiles.d/$package.conf" "usr/lib/tmpfiles.d/$package.conf"
	put 0644 "$PACKAGE_PARTS/debian/copyright" "$doc/copyright"
	put 0644 docs/configuration.md "$doc/configuration.md"
	put_gz "$PACKAGE_PARTS/debian/changelog" "$doc/changelog"
}

stage_kiosk() {
	local unit
	for program in rollcall-kiosk rollcall-scanner rollcall-screen; do put_program "$program"; done
	for unit in $units; do put 0644 "$PACKAGE_PARTS/systemd/$unit" "lib/systemd/system/$unit"; done
	put 0644 "$PACKAGE_PARTS/debian/10-package.conf" etc/rollcall/kiosk.conf.d/10-package.conf
	build/release/bin/rollcall-kiosk config --sample >"$work/kiosk.conf" || fail "no sample of the kiosk's settings."
	put 0644 "$work/kiosk.conf" usr/share/doc/rollcall-kiosk/examples/kiosk.conf
}

stage_server() {
	put_program rollcall-server
	put 0644 "$PACKAGE_PARTS/systemd/$units" "lib/systemd/system/$units"
	build/release/bin/rollcall-server config --sample >"$work/server.conf" || fail "no sample of the server's settings."
	put 0644 "$work/server.conf" etc/rollcall/server.conf
	put 0644 docs/operations.md usr/share/doc/rollcall-server/operations.md
	put 0644 docs/operations.zh-CN.md usr/share/doc/rollcall-server/operations.zh-CN.md
	put 0644 docs/operations/alerts.yml usr/share/doc/rollcall-server/operations/alerts.yml
}

# ---- control ---------------------------------------------------------------------------------------------------------

# Libraries are those that the programs are linked with.
write_control() {
	local package=$1 version=$2 programs libraries
	programs=("$root"/usr/bin/*)
	mkdir -p "$work/debian"
	printf 'Source: rollcall\n\nPackage: %s\nArchitecture: any\n' "$package" >"$work/debian/control"
	libraries=$(cd "$work" && dpkg-shlibdeps -O "${programs[@]/#/-e}" | sed -n 's/^shlibs:Depends=//p')
	[ -n "$libraries" ] || fail "dpkg-shlibdeps found no libraries for $package (see above)."
	{
		printf 'Package: %s\nSource: rollcall\nVersion: %s\nArchitecture: %s\n' "$package" "$version" "$(dpkg --print-architecture)"
		printf 'Maintainer: rollcall maintainers <maintainers@rollcall.example>\n'
		printf 'Installed-Size: %s\nPriority: optional\n' "$(du -sk "$root" --exclude=DEBIAN | cut -f1)"
		printf 'Depends: %s, systemd (>= 252)\n' "$libraries"
		cat "$PACKAGE_PARTS/debian/$package.control"
	} >"$root/DEBIAN/control"
}

write_scripts() {
	local package=$1 script
	for script in postinst prerm postrm; do
		sed -e "s/@PACKAGE@/$package/g" -e "s/@UNITS@/$units/g" -e "s/@SETTINGS@/${package#rollcall-}.conf/g" \
			"$PACKAGE_PARTS/debian/$script" >"$root/DEBIAN/$script"
		chmod 0755 "$root/DEBIAN/$script"
	done
	(cd "$root" && find etc -type f -printf '/%p\n' | sort) >"$root/DEBIAN/conffiles"
	(cd "$root" && find . -type f -not -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
	chmod 0644 "$root/DEBIAN/conffiles" "$root/DEBIAN/md5sums"
}

# make_package PACKAGE STAGE VERSION FOLDER UNIT…
make_package() {
	local package=$1 stage=$2 version=$3 folder=$4
	shift 4
	local units="$*" work root
	work=$(mktemp -d) || fail "no temporary folder."
	root=$work/root
	umask 022
	mkdir -p "$root/DEBIAN" "$folder"
	"$stage"
	put_common "$package"
	write_control "$package" "$version"
	write_scripts "$package"
	SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 0) \
		dpkg-deb --root-owner-group --build -Zxz "$root" "$folder" >/dev/null || fail "dpkg-deb failed for $package (see above)."
	rm -rf "$work"
}

make_packages() {
	local version=$1 folder=$2
	rm -rf "$folder"
	make_package rollcall-kiosk stage_kiosk "$version" "$folder" rollcall-kiosk.service rollcall-screen.service
	make_package rollcall-server stage_server "$version" "$folder" rollcall-server.service
}

package_command() {
	local version check=''
	[ "${1:-}" = --check ] && check=yes
	[ $# = 0 ] || [ -n "$check" ] || fail "package does not know '$1'. Use: ./dev package [--check]"
	build release
	need_package_tools
	version=$(package_version)
	step "Packing $version"
	make_packages "$version" "$PACKAGE_OUT"
	if [ -n "$check" ]; then
		make_packages "$version+next" "$PACKAGE_OUT/next"
		step "lintian"
		lintian --fail-on error,warning --info "$PACKAGE_OUT"/*.deb || fail "lintian has findings (see above)."
		step "Install, upgrade, remove and purge in a fresh Debian"
		as_root bash cmake/dev/package_check.sh "$PACKAGE_OUT" || fail "the packages don't behave (see above)."
	fi
	finish "packages are in $PACKAGE_OUT. Next: apt-get install ./rollcall-kiosk_*.deb on a board."
}
