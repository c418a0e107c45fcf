#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the packages of a folder do to a fresh Debian: installed, run, upgraded to those in its next/, removed, purged. As root.
#
#     package_check.sh FOLDER
set -eu -o pipefail
folder=$(realpath "$1")
root=$(mktemp -d)
mounted=''

# Nothing of the fresh system stays; the mount goes first, so that removing it can't reach into this machine.
clean() {
	leave
	rm -rf --one-file-system "$root"
}
trap clean EXIT

enter() {
	mount -t proc proc "$root/proc"
	mounted=yes
}

leave() {
	[ -z "$mounted" ] || umount "$root/proc" || exit 1
	mounted=''
}

fail() {
	printf 'package_check: %s\n' "$*" >&2
	exit 1
}

inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }

# The distribution whose libraries the packages were linked with.
suite() { sed -n 's/^VERSION_CODENAME=//p' /etc/os-release; }

install_all() {
	cp "$1"/*.deb "$root/root/"
	inside sh -c 'apt-get install -qq -y --no-install-recommends /root/*.deb >/root/apt.log 2>&1 || { cat /root/apt.log; exit 1; }'
	rm -f "$root"/root/*.deb
}

# The mirrors of this machine.
sources() {
	if [ -f /etc/apt/sources.list.d/debian.sources ]; then
		echo /etc/apt/sources.list.d/debian.sources
	else
		echo /etc/apt/sources.list
	fi
}

owner_and_mode() { inside stat -c '%U:%G %a' "$1"; }

# expect WHAT WANTED GOT
expect() {
	[ "$2" = "$3" ] || fail "$1: wanted '$2', got '$3'"
	printf 'ok %s\n' "$1"
}

is_there() { [ -e "$root$1" ] && echo there || echo gone; }

# Boots the system in a container and writes down how its services are.
boot() {
	cat >"$root/root/look" <<-'TEXT'
		#!/bin/sh
		systemctl start rollcall-kiosk rollcall-server
		systemctl is-active rollcall-kiosk rollcall-server | xargs >/root/active
		systemctl show -P NRestarts rollcall-kiosk rollcall-server | xargs >/root/restarts
		rollcall-kiosk status >/root/status
		journalctl --no-pager -o cat -u rollcall-kiosk -u rollcall-server >/root/journal
		systemctl poweroff
	TEXT
	chmod 0755 "$root/root/look"
	printf '[Unit]\nAfter=multi-user.target\n[Service]\nType=idle\nExecStart=/root/look\n' >"$root/etc/systemd/system/look.service"
	mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
	ln -s ../look.service "$root/etc/systemd/system/multi-user.target.wants/look.service"
	leave
	timeout 300 systemd-nspawn -q -D "$root" -b --register=no --keep-unit --private-network </dev/null >/dev/null 2>&1 ||
		fail "the container didn't end by itself: see what systemd-nspawn needs here"
	enter
	rm "$root/etc/systemd/system/multi-user.target.wants/look.service"
	cat "$root/root/journal"
}

printf '# making a fresh %s\n' "$(suite)"
mmdebstrap --quiet --variant=apt --include=systemd-sysv,dbus "$(suite)" "$root" "$(sources)" >/dev/null
cp /etc/resolv.conf "$root/etc/resolv.conf"
inside apt-get -q update >/dev/null
enter

install_all "$folder"
for program in rollcall-kiosk rollcall-scanner rollcall-screen rollcall-server; do
	expect "$program runs" 0 "$(inside "$program" --version >/dev/null 2>&1; echo $?)"
done
expect 'the kiosk has a folder of its own' 'rollcall-kiosk:rollcall-kiosk 700' "$(owner_and_mode /var/lib/rollcall-kiosk)"
expect 'the server has a folder of its own' 'rollcall-server:rollcall-server 700' "$(owner_and_mode /var/lib/rollcall-server)"
expect 'the screen may reach the daemon' 'rollcall-screen rollcall-kiosk' "$(inside id -Gn rollcall-screen)"
expect 'the settings that came along are good' 'the settings are good' \
	"$(inside sh -c 'cp /usr/share/doc/rollcall-kiosk/examples/kiosk.conf /etc/rollcall/ && rollcall-kiosk config --check')"
expect 'the screen has its user' 'screen_user = rollcall-screen ; /etc/rollcall/kiosk.conf.d/10-package.conf:3' \
	"$(inside rollcall-kiosk config | grep '^screen_user')"
expect 'nothing is enabled' '' "$(find "$root/etc/systemd/system" -name 'rollcall-*')"
expect 'systemd takes the units' '' \
	"$(inside systemd-analyze verify --man=no --recursive-errors=no /lib/systemd/system/rollcall-kiosk.service \
		/lib/systemd/system/rollcall-server.service 2>&1 | grep rollcall || true)"

inside runuser -u rollcall-server -- rollcall-server init --organisation Test --url https://localhost:8443 >/dev/null
printf '[server]\nworkers = 3\n' >"$root/etc/rollcall/server.conf"
touch "$root/var/lib/rollcall-kiosk/kept"
printf '# booting it\n'
boot
expect 'both services run, shut in as they are' 'active active' "$(cat "$root/root/active")"
expect 'and did so at once' '0 0' "$(cat "$root/root/restarts")"
expect 'root hears how the kiosk is' 'kiosk: not enrolled' "$(head -n 1 "$root/root/status")"
install_all "$folder/next"
expect 'the newer version is there' "$(dpkg-deb -f "$folder"/next/rollcall-kiosk_*.deb Version)" \
	"$(inside dpkg-query -W -f '${Version}' rollcall-kiosk)"
expect 'an upgrade keeps data' 'there there' "$(is_there /var/lib/rollcall-kiosk/kept) $(is_there /var/lib/rollcall-server/rollcall.db)"
expect 'an upgrade keeps settings' 'workers = 3' "$(sed -n 2p "$root/etc/rollcall/server.conf")"
expect 'the server reads its data after an upgrade' 0 \
	"$(inside runuser -u rollcall-server -- rollcall-server kiosk list >/dev/null 2>&1; echo $?)"

inside dpkg --remove rollcall-kiosk rollcall-server >/dev/null 2>&1
expect 'removing keeps data and settings' 'there there there' \
	"$(is_there /var/lib/rollcall-kiosk/kept) $(is_there /var/lib/rollcall-server/rollcall.db) $(is_there /etc/rollcall/kiosk.conf)"
inside dpkg --purge rollcall-kiosk rollcall-server >/dev/null 2>&1
expect 'purging takes all away' 'gone gone gone' \
	"$(is_there /var/lib/rollcall-kiosk) $(is_there /var/lib/rollcall-server) $(is_there /etc/rollcall)"
expect 'nothing is left of the packages' '' "$(inside dpkg-query -W -f '${Package}\n' 'rollcall-*' 2>/dev/null || true)"
