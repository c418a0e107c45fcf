# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the vector scripts share. Read by them with `.`; needs bash, coreutils and openssl(1), and nothing of rollcall.
set -euo pipefail
export LC_ALL=C

# A row: the arguments with TABs between them.
row() {
	local IFS=$'\t'
	printf '%s\n' "$*"
}

# Hex of standard input, and of an argument's bytes.
hex() { od -An -v -tx1 | tr -d ' \n'; }
hex_of() { printf '%s' "$1" | hex; }

# Bytes of hex, on standard output.
bytes_of() {
	local i
	for ((i = 0; i < ${#1}; i += 2)); do printf "\\x${1:i:2}"; done
}

sha256() { sha256sum | cut -d' ' -f1; }

# hkdf SIZE SECRET_HEX SALT_HEX INFO_HEX: by openssl kdf.
hkdf() {
	local salted=()
	[ -z "$3" ] || salted=(-kdfopt "hexsalt:$3")
	local info=()
	[ -z "$4" ] || info=(-kdfopt "hexinfo:$4")
	openssl kdf -keylen "$1" -kdfopt digest:SHA256 -kdfopt "hexkey:$2" "${salted[@]}" "${info[@]}" HKDF |
		tr -d ':\n' | tr A-F a-f
}

# base45 (RFC 9285) of hex, by arithmetic.
base45_of() {
	local digits='0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:' i n out=
	for ((i = 0; i < ${#1}; i += 4)); do
		n=$((16#${1:i:4}))
		out+=${digits:n%45:1}${digits:n/45%45:1}
		[ ${#1} -lt $((i + 4)) ] || out+=${digits:n/2025:1}
	done
	printf '%s' "$out"
}

# repeat TEXT COUNT
repeat() {
	local i
	for ((i = 0; i < $2; i++)); do printf '%s' "$1"; done
}
