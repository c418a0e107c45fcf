#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Prints fact-lines.tsv: a chain of good lines, then lines that can't be read and why.
. "$(dirname "$0")/lib.sh"

zeros=$(repeat 0 64)
kiosk=0c9f1e2d-3b4a-4c5d-8e6f-708192a3b4c5
epoch=00c0ffee5eed0001
boot=5f0c2f7e-9c1d-4a53-9d55-1c2f6f0e8a11
session=6f9619ff-8b86-4d01-b42d-00cf4fc964ff
ref=d9428888-122b-41e1-b85c-61aa2a4f0b3c
find=$(repeat 7f 16)

# SHA-256(salt ‖ body): SALT_HEX BODY
body_hash() { { bytes_of "$1"; printf '%s' "$2"; } | sha256; }

# SEQ AT UP_MS SRC ERR_MS KIND V BODY_HASH PREV
envelope() {
	printf '{"kiosk":"%s","epoch":"%s","seq":%s,"at":"%s","boot":"%s","up_ms":%s,"src":"%s","err_ms":%s,"kind":"%s","v":%s,"body_hash":"%s","prev":"%s"}' \
		"$kiosk" "$epoch" "$1" "$2" "$boot" "$3" "$4" "$5" "$6" "$7" "$8" "$9"
}
line_of() { printf '{"e":%s,"s":"%s","b":%s}' "$1" "$2" "$3"; } # ENVELOPE SALT BODY

# UUIDv8 of the first 16 bytes of a hash.
public_id() {
	local variant
	variant=$(printf '%x' $((8 | (16#${1:16:1} & 3))))
	printf '%s-%s-8%s-%s%s-%s' "${1:0:8}" "${1:8:4}" "${1:13:3}" "$variant" "${1:17:3}" "${1:20:12}"
}

good() { # CASE ENVELOPE SALT BODY [LINE]
	local line=${5:-$(line_of "$2" "$3" "$4")} hash
	hash=$(printf '%s' "$2" | sha256)
	row "$1" fine "$(hex_of "$line")" "$hash" "$(public_id "$hash")" "$(hex_of "$2")" "$3" "$(hex_of "$4")"
	prev=$hash
}
bad() { row "$1" "$2" "$(hex_of "$3")" - - - - -; }                # CASE FAULT LINE
bad_hex() { row "$1" "$2" "$3" - - - - -; }                        # CASE FAULT LINE_HEX
changed() { bad "$1" "$2" "${line/"$3"/"$4"}"; }                   # CASE FAULT OLD NEW: in $line
with_body() { # CASE FAULT BODY: a line that is right but for its body
	bad "$1" "$2" "$(line_of "$(envelope 1 2026-11-24T09:02:03.456Z 5 ntp 4 x.y 1 "$(body_hash "$grain" "$3")" "$zeros")" "$grain" "$3")"
}

echo '# case	fault	line	identity	public_id	envelope	salt	body'

# ---- one chain: each prev is the identity of the row before
prev=$zeros
grain=000102030405060708090a0b0c0d0e0f
body='{"reason":"new","old_epoch":null,"old_seq":null,"old_hash":null}'
good first_of_an_epoch "$(envelope 1 2026-11-24T09:00:00.000Z 12000 ntp 4 journal.started 1 "$(body_hash $grain "$body")" "$prev")" $grain "$body"

grain=f0e1d2c3b4a5968778695a4b3c2d1e0f
body='{"session":"'$session'","session_version":3,"ref":"'$ref'","find":"'$find'","verdict":"signed_in","roster_n":90210}'
good a_sign_in "$(envelope 2 2026-11-24T09:02:03.456Z 135456 ntp 4 attendance.signed_in 1 "$(body_hash $grain "$body")" "$prev")" $grain "$body"

grain=11111111111111111111111111111111
body='{"verdict":"malformed","class":"foreign","find":null,"session":null,"until":null,"count":1,"size":17,"digest":"0011223344556677"}'
good a_refusal_by_a_clock_that_knows_nothing "$(envelope 3 1970-01-01T00:00:09.000Z 9000 none null scan.refused 1 "$(body_hash $grain "$body")" "$prev")" $grain "$body"

grain=22222222222222222222222222222222
body='{"text":"生产族 \u2603 \ud83d\ude00 \"\\\/\b\f\n\r\t","n":[0,-1,1.5e3,9007199254740993,true,false,null,{}],"deep":[[[[[[[]]]]]]]}'
good a_kind_of_the_future "$(envelope 4 2026-11-24T09:05:00.000Z 312000 server 250 future.thing_2 9007199254740991 "$(body_hash $grain "$body")" "$prev")" $grain "$body"

grain=33333333333333333333333333333333
body='{}'
sum=$(body_hash $grain "$body")
e='{"prev":"'$prev'","x":{"y":[1,"z"]},"body_hash":"'$sum'","v":0,"kind":"a","err_ms":0,"src":"rtc","up_ms":0,"boot":"'$boot'","at":"2026-11-24T09:06:00.000Z","seq":9007199254740991,"epoch":"'$epoch'","kiosk":"'$kiosk'"}'
good keys_in_any_order_and_a_new_one "$e" $grain "$body" '{"b":'"$body"',"s":"'$grain'","e":'"$e"'}'

e='{ "kiosk" : "'$kiosk'", "epoch":"'$epoch'",	"seq": 5 ,"at":"2024-02-30T00:00:00.000Z","boot":"'$boot'","up_ms":1,"src":"ntp","err_ms":4,"kind":"x","v":1,"body_hash":"'$sum'","prev":"'$prev'" }'
good spaces_are_bytes_of_the_envelope_and_an_impossible_day_is_no_fault "$e" $grain "$body" ' { "e" : '"$e"' , "s" : "'$grain'" , "b" : '"$body"' } '

good the_year_2099_is_no_fault "$(envelope 6 2099-01-01T00:00:00.000Z 2 ntp 4 x 1 "$sum" "$prev")" $grain "$body"
good a_time_that_is_no_time_is_no_fault "$(envelope 7 yesterday 2 ntp 4 x 1 "$sum" "$prev")" $grain "$body"
body='{"same":{"a":1},"other":{"a":1},"\u0061b":1,"abc":1}'
good the_same_key_in_two_objects "$(envelope 8 2026-11-24T09:02:03.456Z 2 ntp 4 x 1 "$(body_hash $grain "$body")" "$prev")" $grain "$body"

# ---- lines that can't be read; $line is right
grain=f0e1d2c3b4a5968778695a4b3c2d1e0f
body='{"reason":"new"}'
line=$(line_of "$(envelope 1 2026-11-24T09:02:03.456Z 135456 ntp 4 journal.started 1 "$(body_hash $grain "$body")" "$zeros")" $grain "$body")
bad_hex empty not_json -
bad an_array wrong_type '[]'
bad an_empty_object missing_field '{}'
bad cut_in_the_middle not_json "${line:0:200}"
bad text_after_the_end not_json "$line{}"
changed a_trailing_comma not_json '}}' '},}'
changed single_quotes not_json '"ntp"' "'ntp'"
changed a_comma_missing not_json ',"seq"' '"seq"'
changed a_leading_zero not_json '"seq":1' '"seq":01'
changed a_plus_sign not_json '"seq":1' '"seq":+1'
changed a_comment not_json '"seq":1' '"seq":/**/1'
changed a_raw_control_byte not_json journal.started $'journal\x01started'
for key in kiosk epoch seq at boot up_ms src err_ms kind v body_hash prev; do
	changed "${key}_missing" missing_field '"'$key'":' '"'x$key'":'
	changed "${key}_is_an_object" wrong_type '"'$key'":' '"'$key'":{},"x":'
done
changed the_envelope_missing wrong_type '"e":' '"E":'
changed the_envelope_is_a_string wrong_type "$line" '{"e":"","s":"'$grain'","b":{}}'
changed salt_missing missing_field '"s":"'$grain'",' ''
changed body_missing missing_field ',"b":'"$body" ''
changed a_fourth_member wrong_type '{"e"' '{"x":1,"e"'
changed the_body_is_an_array wrong_type "$body" '[]'
changed salt_too_short wrong_type $grain "${grain:2}"
changed salt_in_upper_case wrong_type $grain "${grain^^}"
changed kiosk_in_upper_case wrong_type "$kiosk" "${kiosk^^}"
changed kiosk_without_dashes wrong_type "$kiosk" "${kiosk//-/0}"
changed epoch_too_long wrong_type $epoch ${epoch}0
changed epoch_no_hex wrong_type $epoch g${epoch:1}
changed seq_zero wrong_type '"seq":1' '"seq":0'
changed seq_negative wrong_type '"seq":1' '"seq":-1'
changed seq_a_text wrong_type '"seq":1' '"seq":"1"'
changed seq_a_fraction wrong_type '"seq":1' '"seq":1.0'
changed seq_with_an_exponent wrong_type '"seq":1' '"seq":1e0'
changed seq_above_2_to_the_53 wrong_type '"seq":1' '"seq":9007199254740992'
changed seq_null wrong_type '"seq":1' '"seq":null'
changed err_ms_a_text wrong_type '"err_ms":4' '"err_ms":"4"'
changed src_unknown wrong_type '"ntp"' '"gps"'
changed kind_empty wrong_type journal.started ''
changed kind_with_a_space wrong_type journal.started 'journal started'
changed kind_of_48_characters wrong_type journal.started "$(repeat k 48)"
changed at_a_number wrong_type '"2026-11-24T09:02:03.456Z"' 0
changed prev_too_short wrong_type "$zeros" "${zeros:1}"
changed body_hash_no_hex wrong_type '"body_hash":"' '"body_hash":"x'
changed twice_in_the_envelope duplicate_key '"seq":1' '"seq":1,"seq":1'
changed an_unknown_field_twice duplicate_key '"seq":1' '"seq":1,"x":1,"x":2'
changed twice_on_top duplicate_key '{"e"' '{"s":"'$grain'","e"'
changed a_bit_of_the_body_flipped hash_differs '"new"' '"neu"'
changed a_digit_of_the_salt_changed hash_differs 1e0f 1e0e
with_body twice_in_a_body duplicate_key '{"a":1,"a":1}'
with_body twice_deep_in_a_body duplicate_key '{"x":[{"a":1,"b":2,"a":3}]}'
with_body twice_once_escaped duplicate_key '{"ab":1,"\u0061b":1}'
with_body nine_levels too_deep '{"a":[[[[[[[[]]]]]]]]}'
with_body an_unpaired_high_surrogate not_json '{"a":"\ud83d"}'
with_body a_high_surrogate_before_a_character not_json '{"a":"\ud83dx"}'
with_body a_high_surrogate_twice not_json '{"a":"\ud83d\ud83d"}'
with_body an_unpaired_low_surrogate not_json '{"a":"\ude00"}'
with_body an_escaped_nul not_json '{"a":"\u0000"}'
with_body a_bad_escape not_json '{"a":"\x41"}'
with_body a_short_escape not_json '{"a":"\u12"}'
with_body nan not_json '{"a":NaN}'
with_body infinity not_json '{"a":1e400}'
with_body an_integer_of_2_to_the_63 not_json '{"a":9223372036854775808}'
with_body half_a_number not_json '{"a":1.}'
with_body an_upper_case_true not_json '{"a":True}'
with_body an_overlong_slash not_utf8 $'{"a":"\xc0\xaf"}'
with_body a_surrogate_in_utf8 not_utf8 $'{"a":"\xed\xa0\x80"}'
with_body above_10ffff not_utf8 $'{"a":"\xf4\x90\x80\x80"}'
with_body a_lone_continuation not_utf8 $'{"a":"\x80"}'
with_body gbk not_utf8 $'{"a":"\xd6\xd0"}'
with_body a_character_cut_by_the_quote not_utf8 $'{"a":"\xe4\xb8"}'
