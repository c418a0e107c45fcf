#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Prints change-lines.tsv: lines of reference on their way down, good ones as the server writes them, and ones to refuse.
. "$(dirname "$0")/lib.sh"

room=7b5d4186-8f10-42b3-84d5-e6f73f2a9c0e
session=6f9619ff-8b86-4d01-b42d-00cf4fc964ff
ref=d9428888-122b-41e1-b85c-61aa2a4f0b3c
kiosk=0c9f1e2d-3b4a-4c5d-8e6f-708192a3b4c5
scope=site:$room
find=$(repeat 7f 16)
cursor=00c0ffee5eed0001.17.34d70cd977c9b56f
point=04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab # RFC 5903 8.1

# N SCOPE ENTITY ID VERSION PAYLOAD
put() { printf '{"n":%s,"scope":"%s","entity":"%s","id":"%s","version":%s,"op":"put","p":%s}' "$@"; }
del() { printf '{"n":%s,"scope":"%s","entity":"%s","id":"%s","version":%s,"op":"del"}' "$@"; }
good() { row "$1" "$2" "$(hex_of "$3")"; }        # CASE WHAT LINE
bad() { row "$1" format "$(hex_of "$2")"; }        # CASE LINE
changed() { bad "$1" "${line/"$2"/"$3"}"; }        # CASE OLD NEW: in $line
base64url() { base64 -w0 | tr '+/' '-_' | tr -d =; }

echo '# case	what	line'
good a_room room "$(put 1 "$scope" room $room 1 '{"code":"3F-305","name":{"zh":"305 教室","en":"Room 305"},"way":{"zh":"上楼右转第二间","en":""}}')"
rules() { printf '%s' '{"opens_before_min":30,"closes_after_min":0,"late_after_min":10,"share_percent":80,"walk_in":"free","has_sign_out":false}'; }
good a_session session "$(put 2 "$scope" session $session 3 '{"room":"'$room'","title":{"zh":"安全生产","en":"Safety"},"course":"T-001-01","starts":1795510800000,"ends":1795518000000,"state":"planned","expected":24,"rules":'"$(rules)"'}')"
good a_cancelled_session session "$(put 3 "$scope" session $session 4 '{"room":"'$room'","title":{"zh":"安全生产","en":"Safety"},"course":"","starts":1795510800000,"ends":1795518000000,"state":"cancelled","expected":0,"rules":{"opens_before_min":1440,"closes_after_min":1440,"late_after_min":0,"share_percent":100,"walk_in":"ask","has_sign_out":true}}')"
good a_registration registration "$(put 4 "$scope" registration $kiosk 1 '{"session":"'$session'","ref":"'$ref'"}')"
good a_withdrawn_registration del "$(del 5 "$scope" registration $kiosk 2)"
good a_person person "$(put 6 "$scope" person $ref 9 '{"sealed":"'"$(printf '\001%080d' 7 | base64url)"'"}')"
good a_badge credential "$(put 7 "$scope" credential $find 1 '{"ref":"'$ref'","state":"active","until":0,"wrap":"'"$(printf '\001\377\376%060d' 3 | base64url)"'"}')"
good a_revoked_badge credential "$(put 8 "$scope" credential $find 2 '{"ref":"'$ref'","state":"revoked","until":1795510800000,"wrap":""}')"
good a_presence presence "$(put 9 "$scope" presence $session.$ref 1 '{"session":"'$session'","ref":"'$ref'","state":"here","since":1795510923456,"by":"'$kiosk'"}')"
good a_setting setting "$(put 10 all setting organisation.name 1 '{"value":"某某制造 \"ACME\" \\ & Söhne"}')"
good a_seal_key trust "$(put 10 all trust server 1795510800000 '{"seal_key":"'"$point"'"}')"
good an_entity_of_the_future unknown "$(put 11 kiosk:$kiosk hologram abc 1 '{"x":[1,2,3]}')"
good begin_of_a_snapshot snapshot '{"snapshot":{"server_epoch":"00c0ffee5eed0001"}}'
good end_of_changes end '{"end":{"cursor":"'$cursor'","more":false}}'
good end_with_more_to_come end_more '{"end":{"cursor":"'$cursor'","more":true}}'
good end_of_a_snapshot snapshot_end '{"end":{"count":12,"sha256":"'"$(repeat a5 32)"'","cursor":"'$cursor'"}}'

line=$(put 4 "$scope" registration $kiosk 1 '{"session":"'$session'","ref":"'$ref'"}')
row empty format -
bad cut "${line:0:100}"
bad an_array '[1]'
bad an_empty_object '{}'
changed n_missing '"n":4,' ''
changed n_negative '"n":4' '"n":-4'
changed n_a_text '"n":4' '"n":"4"'
changed n_above_2_to_the_53 '"n":4' '"n":9007199254740992'
changed n_twice '"n":4' '"n":4,"n":4'
changed an_unknown_op '"put"' '"patch"'
changed put_without_payload ',"p":{"session":"'$session'","ref":"'$ref'"}' ''
changed a_payload_that_is_no_object '"p":{"session":"'$session'","ref":"'$ref'"}' '"p":[]'
changed an_empty_scope "$scope" ''
changed a_scope_that_is_too_long "$scope" "$(repeat s 49)"
changed an_empty_id "$kiosk" ''
changed an_id_that_is_too_long "$kiosk" "$(repeat i 74)"
changed an_id_with_a_nul "$kiosk" 'a\u0000b'
bad text_after_the_end "$line x"
row bad_utf8 format "$(hex_of "$line" | sed "s/$(hex_of "$scope")/ff/")"
bad end_without_cursor '{"end":{"more":true}}'
bad end_with_a_bad_cursor '{"end":{"cursor":"1.2.3","more":true}}'
bad snapshot_end_without_hash '{"end":{"count":12,"cursor":"'$cursor'"}}'
bad snapshot_without_epoch '{"snapshot":{}}'
