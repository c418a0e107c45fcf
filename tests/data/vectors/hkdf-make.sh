#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Prints hkdf.tsv. The first two are RFC 5869's A.1 and A.2; the rest are shapes that rollcall uses.
. "$(dirname "$0")/lib.sh"

range() { # FROM COUNT: hex of bytes that count up
	local i
	for ((i = 0; i < $2; i++)); do printf '%02x' $(($1 + i)); done
}
derive() { row "$1" "$3" "${4:--}" "$5" "$2" "$(hkdf "$2" "$3" "$4" "$5")"; }

echo '# case	secret	salt	info	size	out'
derive rfc5869_a1 42 "$(repeat 0b 22)" "$(range 0 13)" "$(range 240 10)"
derive rfc5869_a2 82 "$(range 0 80)" "$(range 96 80)" "$(range 176 80)"
code=$(hex_of ABCDEFGHIJKLMNOPQRSTUVWXYZ)
salt=3f2a9c0e7b5d41868f10a2b3c4d5e6f7
derive find 16 "$code" $salt "$(hex_of rollcall/1/find)"
derive open 32 "$code" $salt "$(hex_of rollcall/1/open)"
derive no_salt 32 "$code" '' "$(hex_of rollcall/1/open)"
derive one_byte 1 "$code" $salt "$(hex_of x)"
derive one_block_and_one 33 "$code" $salt "$(hex_of x)"
derive a_salt_longer_than_a_block 32 "$code" "$(range 0 100)" "$(hex_of x)"
derive longest 8160 "$code" $salt "$(hex_of x)"
