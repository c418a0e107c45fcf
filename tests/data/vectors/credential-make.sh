#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Prints credential.tsv: payloads, their class, and for badges what is derived from them.
. "$(dirname "$0")/lib.sh"

badge() { # CASE CODE ORGANISATION
	local code salt=${3//-/}
	code=$(hex_of "$2")
	row "$1" "$(hex_of "RC1:$2")" rc1 "$3" \
		"$(hkdf 16 "$code" "$salt" "$(hex_of rollcall/1/find)")" \
		"$(hkdf 32 "$code" "$salt" "$(hex_of rollcall/1/open)")"
}
other() { row "$1" "${3:--}" "$2" - - -; } # CASE CLASS HEX
text() { other "$1" "$2" "$(hex_of "$3")"; }

org=3f2a9c0e-7b5d-4186-8f10-a2b3c4d5e6f7
code=7QK4ZB2MXWPD3EJR5TYUAVH6NC
echo '# case	payload	class	organisation	find	open'
badge a_badge $code $org
badge the_same_badge_in_another_organisation $code 00000000-0000-4000-8000-000000000001
badge organisation_of_zeros $code 00000000-0000-0000-0000-000000000000
badge organisation_of_ones $code ffffffff-ffff-ffff-ffff-ffffffffffff
badge one_character_differs 7QK4ZB2MXWPD3EJR5TYUAVH6ND $org
badge lowest_code AAAAAAAAAAAAAAAAAAAAAAAAAA $org
badge highest_code 77777777777777777777777777 $org
badge alphabet ABCDEFGHIJKLMNOPQRSTUVWXYZ $org

text rc1_lower_case_code foreign "RC1:${code,,}"
text rc1_one_lower_case_character foreign "RC1:7qK4ZB2MXWPD3EJR5TYUAVH6NC"
text rc1_lower_case_prefix foreign "rc1:$code"
text rc1_mixed_prefix foreign "Rc1:$code"
text rc1_29_characters foreign "RC1:${code:0:25}"
text rc1_31_characters foreign "RC1:${code}A"
text rc1_twice foreign "RC1:${code}RC1:$code"
text rc1_prefix_only foreign RC1:
text rc1_without_colon foreign "RC1$code"
text rc1_semicolon foreign "RC1;$code"
text rc1_digit_0 foreign "RC1:0${code:1}"
text rc1_digit_1 foreign "RC1:1${code:1}"
text rc1_digit_8 foreign "RC1:8${code:1}"
text rc1_digit_9 foreign "RC1:9${code:1}"
text rc1_padding foreign "RC1:${code:0:25}="
text rc1_space_before foreign " RC1:$code"
text rc1_space_inside foreign "RC1:${code:0:12} ${code:13}"
text rc1_space_instead_of_the_last foreign "RC1:${code:0:25} "
text rc1_quote_behind foreign "RC1:$code'"
text rc1_quote_instead_of_the_last foreign "RC1:${code:0:25}'"
other rc1_line_feed_behind foreign "$(hex_of "RC1:$code")0a"
other rc1_carriage_return_behind foreign "$(hex_of "RC1:$code")0d"
other rc1_nul_behind foreign "$(hex_of "RC1:$code")00"
other rc1_nul_instead_of_the_last foreign "$(hex_of "RC1:${code:0:25}")00"
other rc1_nul_in_the_middle foreign "$(hex_of "RC1:${code:0:12}")00$(hex_of "${code:13}")"
other rc1_high_bit foreign "$(hex_of "RC1:${code:0:25}")c3"
other rc1_byte_order_mark foreign "efbbbf$(hex_of "RC1:$code")"
other rc1_full_width_digit foreign "$(hex_of "RC1:")efbc97$(hex_of "${code:1}")"
other rc1_full_width_digit_in_30_bytes foreign "$(hex_of "RC1:")efbc97$(hex_of "${code:3}")"
other rc1_full_width_prefix foreign "efbcb2efbca3efbc91$(hex_of ":$code")"
other rc1_right_to_left_override foreign "$(hex_of "RC1:")e280ae$(hex_of "${code:3}")"
other rc1_zero_width_space foreign "$(hex_of "RC1:")e2808b$(hex_of "${code:3}")"
other rc1_cyrillic_a_in_30_bytes foreign "$(hex_of "RC1:")d090$(hex_of "${code:2}")"
other rc1_utf16 foreign "5200430031003a00"

text rc2_prefix rc2 RC2:
text rc2_anything rc2 "RC2:QED8WEX0"
other rc2_bytes rc2 "$(hex_of RC2:)00ff1b"
text rc2_lower_case foreign rc2:QED8WEX0
text rca1_card rca1 RCA1:17
text rca1_prefix rca1 RCA1:
text rca1_without_colon foreign RCA117
text rc3_unknown foreign "RC3:$code"
text rc10_unknown foreign "RC10:$code"
text rc_only foreign RC
text rce1_prefix_only foreign RCE1:

other empty foreign ''
other one_byte foreign 52
other one_nul foreign 00
other thirty_nuls foreign "$(repeat 00 30)"
other thirty_ff foreign "$(repeat ff 30)"
text sql_drop foreign "'; DROP TABLE fact; --"
text sql_or foreign "RC1:' OR '1'='1' --AAAAAAAAAAA"
text sql_in_30_bytes foreign "RC1:X';DELETE FROM person;  --"
text sql_of_26 foreign "RC1:A' OR 1=1;--AAAAAAAAAAAAAA"
text sql_union foreign "RC1:\" UNION SELECT name FROM x"
text format_strings foreign '%s%n%s%n%x'
text format_string_of_26 foreign 'RC1:%s%n%s%n%s%n%s%n%s%n%s%n%s'
text shell_substitution foreign '$(reboot)'
text shell_backticks foreign 'RC1:`reboot`'
text path_tricks foreign 'RC1:../../../../etc/passwd0000'
other escape_sequence foreign "1b5b324a$(hex_of "RC1:$code")"
other log_forging foreign "$(hex_of "RC1:$code")0d0a$(hex_of '<0>level=error')"
other invalid_utf8 foreign fffe80
other overlong_slash foreign c0af
other lone_surrogate foreign eda080
other gbk_name foreign d5c5c8fd
text url foreign https://example.com/
text url_of_javascript foreign 'javascript:alert(1)'
text wifi foreign 'WIFI:T:WPA;S:guest;P:12345678;;'
text vcard foreign 'BEGIN:VCARD'
text staff_number foreign 001-01
other version_40_of_bytes foreign "$(repeat a5 2953)"
other version_40_of_digits foreign "$(repeat 37 7089)"
other version_40_that_begins_like_a_badge foreign "$(hex_of "RC1:$code")$(repeat 41 4266)"
