#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Prints organisation.tsv: an organisation's id as text and as the 16 bytes that salt its badges.
. "$(dirname "$0")/lib.sh"

good() { row "$1" "$(hex_of "$2")" ok "${2//-/}"; }
bad() { row "$1" "${2:--}" format -; }

id=3f2a9c0e-7b5d-4186-8f10-a2b3c4d5e6f7
echo '# case	text	outcome	bytes'
good an_id $id
good nil 00000000-0000-0000-0000-000000000000
good all_ones ffffffff-ffff-ffff-ffff-ffffffffffff
good any_version 3f2a9c0e-7b5d-f186-0f10-a2b3c4d5e6f7
bad upper_case "$(hex_of ${id^^})"
bad one_upper_case_digit "$(hex_of 3F2a9c0e-7b5d-4186-8f10-a2b3c4d5e6f7)"
bad no_dashes "$(hex_of ${id//-/})"
bad dash_moved "$(hex_of 3f2a9c0-e7b5d-4186-8f10-a2b3c4d5e6f7)"
bad braces "$(hex_of "{$id}")"
bad urn "$(hex_of "urn:uuid:$id")"
bad one_short "$(hex_of ${id:0:-1})"
bad one_long "$(hex_of ${id}0)"
bad no_hex_digit "$(hex_of ${id:0:-1}g)"
bad nul_behind "$(hex_of $id)00"
bad empty ''
