#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Prints device-messages.tsv: what kiosk and server say to each other at the device listener, and what both must refuse.
. "$(dirname "$0")/lib.sh"

kiosk=0c9f1e2d-3b4a-4c5d-8e6f-708192a3b4c5
boot=6f9619ff-8b86-4d01-b42d-00cf4fc964ff
organisation=d9428888-122b-41e1-b85c-61aa2a4f0b3c
site=7b5d4186-8f10-42b3-84d5-e6f73f2a9c0e
room=1b4e28ba-2fa1-41d2-883f-0016d3cca427
hash=$(repeat a5 32)
zeros=$(repeat 00 32)
at=2026-11-24T09:02:03.456Z
code=$(bytes_of 000102030405060708090a0b0c0d0e0f | base64 -w0 | tr '+/' '-_' | tr -d =)
rs=$(bytes_of "$(repeat fe 64)" | base64 -w0 | tr '+/' '-_' | tr -d =)

good() { row "$1" "$2" ok "$(hex_of "$3")"; }      # CASE KIND LINE
bad() { row "$1" "$2" format "$(hex_of "$3")"; }   # CASE KIND LINE
# KIND and LINE of the following; NAME OLD NEW: one change makes it wrong.
changed() {
	[ "${line/"$2"/"$3"}" != "$line" ] || { echo "$1 changes nothing" >&2; exit 1; }
	bad "$1" "$kind" "${line/"$2"/"$3"}"
}
lenient() { row "$1" "$kind" read "$(hex_of "${line/"$2"/"$3"}")"; } # is read, though nobody writes it so

echo '# case	kind	outcome	line'

kind=enrol_request
line='{"code":"'$code'","csr":"-----BEGIN CERTIFICATE REQUEST-----\nMIH\n-----END CERTIFICATE REQUEST-----\n"}'
good enrol_request $kind "$line"
lenient enrol_request_of_a_newer_kiosk '{' '{"board":"pi5",'
changed enrol_request_without_code '"code"' '"kode"'
changed enrol_request_with_a_short_code "$code" "${code:0:20}"
changed enrol_request_with_a_long_code "$code" "${code}AA"
changed enrol_request_with_another_alphabet "$code" "+/${code:2}"
changed enrol_request_with_a_number_for_csr '"csr":"' '"csr":7,"x":"'
changed enrol_request_with_two_codes '{' '{"code":"'$code'",'
changed enrol_request_with_text_behind '"}' '"}x'
row enrol_request_that_is_empty $kind format -
bad enrol_request_that_is_a_list $kind '[]'
line=${line%\}}',"kiosk":"'$kiosk'"}'
good enrol_request_of_a_kiosk_that_is_one $kind "$line"
changed enrol_request_of_a_kiosk_in_capitals "$kiosk" "${kiosk^^}"
changed enrol_request_of_a_kiosk_that_is_a_number '"'$kiosk'"' 7

kind=renew_request
line='{"csr":"-----BEGIN CERTIFICATE REQUEST-----\nMIH\n-----END CERTIFICATE REQUEST-----\n"}'
good renew_request $kind "$line"
lenient renew_request_of_a_newer_kiosk '{' '{"board":"pi5",'
changed renew_request_without_csr '"csr"' '"crs"'
changed renew_request_with_a_number_for_csr '"csr":"' '"csr":7,"x":"'
row renew_request_that_is_empty $kind format -

kind=enrol_answer
line='{"rollcall":1,"server_epoch":"00c0ffee5eed0001","kiosk":"'$kiosk'","certificate":"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n","cas":["-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n"],"organisation":"'$organisation'","site":"'$site'","room":"'$room'","time":"'$at'"}'
good enrol_answer $kind "$line"
good enrol_answer_with_two_cas $kind "${line/'],"organisation"'/',"-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n"],"organisation"'}"
lenient enrol_answer_of_a_newer_server '"time"' '"poll_s":30,"time"'
changed enrol_answer_without_rollcall '"rollcall":1,' ''
changed enrol_answer_of_version_two '"rollcall":1' '"rollcall":2'
changed enrol_answer_without_cas '["-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n"]' '[]'
changed enrol_answer_with_five_cas '["-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n"]' '["a","b","c","d","e"]'
changed enrol_answer_with_a_number_among_the_cas '["-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n"]' '[1]'
changed enrol_answer_with_an_empty_ca '["-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n"]' '[""]'
changed enrol_answer_with_an_id_in_capitals "$kiosk" "${kiosk^^}"
changed enrol_answer_without_time ',"time":"'$at'"' ''

kind=mark
line='{"rollcall":1,"server_epoch":"00c0ffee5eed0001","epoch":"0123456789abcdef","through":42,"hash":"'$hash'","state":"current","time":"'$at'"}'
good mark $kind "$line"
good mark_of_nothing_yet $kind '{"rollcall":1,"server_epoch":"00c0ffee5eed0001","epoch":"0000000000000000","through":0,"hash":"'$zeros'","state":"current","time":"'$at'"}'
good mark_of_a_revoked_kiosk $kind "${line/current/revoked}"
good mark_of_a_quarantined_kiosk $kind "${line/current/quarantined}"
good mark_at_the_largest_number $kind "${line/:42/:9007199254740991}"
lenient mark_of_a_newer_server '}' ',"hint":{"x":[1,2]}}'
changed mark_without_rollcall '"rollcall":1,' ''
changed mark_with_rollcall_as_text '"rollcall":1' '"rollcall":"1"'
changed mark_of_a_state_of_the_future current asleep
changed mark_with_a_negative_number :42 :-1
changed mark_beyond_the_largest_number :42 :9007199254740992
changed mark_with_a_fraction :42 :42.0
changed mark_with_a_short_hash "$hash" "${hash:2}"
changed mark_with_a_hash_in_capitals "$hash" "${hash^^}"
changed mark_with_a_short_epoch 0123456789abcdef 0123456789abcde
changed mark_with_a_time_of_february_thirtieth "$at" 2026-02-30T09:02:03.456Z
changed mark_with_two_numbers '"through":42' '"through":42,"through":43'
changed mark_cut_off '"state"' ''
bad mark_that_is_a_portal $kind '<html><title>Welcome</title></html>'

kind=status
line='{"version":"0.9.0","boot":"'$boot'","up_ms":123456,"clock_source":"server","clock_error_ms":12,"waiting":3,"oldest_waiting":"'$at'","disk_free_bytes":12345678901,"roster_cursor":"00c0ffee5eed0001.42.0123456789abcdef","roster_age_ms":900,"camera":"running","screens":1,"temperature_mc":-1500}'
good status $kind "$line"
good status_of_a_kiosk_that_knows_nothing $kind '{"up_ms":0}'
lenient status_of_a_newer_kiosk '{' '{"fans":[{"rpm":900}],'
lenient status_with_null '"clock_error_ms":12' '"clock_error_ms":null'
changed status_with_a_negative_count '"waiting":3' '"waiting":-3'
changed status_with_a_number_for_version '"0.9.0"' 9
changed status_with_a_long_camera running "$(repeat x 16)"
changed status_with_an_escape_in_its_version 0.9.0 '\u001b[2J'
changed status_with_letters_that_turn_around 0.9.0 '\u202e9'
changed status_hotter_than_the_sun :-1500 :5500000
bad status_that_is_a_list $kind '[]'
row status_that_is_empty $kind format -

kind=header
line='{"h":{"kiosk":"'$kiosk'","epoch":"0123456789abcdef","from":1,"count":1000,"branch":false,"boot":"'$boot'","up_ms":123456,"at":"'$at'"}}'
good header $kind "$line"
good header_of_a_branch $kind "${line/false/true}"
good header_of_no_facts $kind "${line/:1000/:0}"
row header_without_branch $kind read "$(hex_of "${line/',"branch":false'/}")"
lenient header_of_a_newer_kiosk '"at"' '"zone":"+08:00","at"'
changed header_from_zero '"from":1' '"from":0'
changed header_with_a_negative_count :1000 :-1
changed header_with_a_count_beyond_all :1000 :9223372036854775808
changed header_with_branch_as_number false 0
changed header_without_kiosk '"kiosk"' '"kiosks"'
changed header_without_braces '{"h":{' '{"h":[{'
changed header_that_is_a_number '{"h":{' '{"h":1,"x":{'

kind=lost
line='{"lost":{"from":7,"to":19,"reason":"pruned"}}'
good lost $kind "$line"
good lost_of_one $kind "${line/19/7}"
changed lost_that_runs_backwards 19 6
changed lost_from_zero '"from":7' '"from":0'
changed lost_with_a_long_reason pruned "$(repeat x 33)"
changed lost_that_is_text '{"lost":{' '{"lost":"","x":{'

kind=signature
line='{"sig":{"epoch":"0123456789abcdef","seq":42,"hash":"'$hash'","rs":"'$rs'"}}'
good signature $kind "$line"
changed signature_that_is_short "$rs" "${rs:4}"
changed signature_that_is_long "$rs" "${rs}AAAA"
changed signature_of_nothing '"seq":42' '"seq":0'
changed signature_without_hash '"hash"' '"h"'

kind=unknown
line='{"note":{"x":1}}'
good trailer_of_the_future $kind "$line"
bad trailer_that_is_no_json lost '{"lost":'

kind=problem
line='{"type":"about:blank","title":"The code has expired","status":410,"code":"code_expired"}'
good problem $kind "$line"
lenient problem_with_more '}' ',"instance":"/x"}'
changed problem_without_code '"code":"code_expired"' '"kode":"x"'
changed problem_with_a_code_beyond_all code_expired "$(repeat x 64)"

kind=problem_mark
line='{"type":"about:blank","title":"Another piece is wanted","status":409,"code":"gap","detail":"43 is wanted","rollcall":1,"server_epoch":"00c0ffee5eed0001","epoch":"0123456789abcdef","through":42,"hash":"'$hash'","state":"current","time":"'$at'"}'
good problem_with_a_mark $kind "$line"
changed problem_with_half_a_mark ',"through":42' ''
