#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Prints enrol-code.tsv: payloads of enrolment codes, well-formed and not.
. "$(dirname "$0")/lib.sh"

ca=$(printf 'the DER of some CA' | sha256)
code=000102030405060708090a0b0c0d0e0f

good() { # CASE URL [CA CODE]
	local c=${3:-$ca} k=${4:-$code}
	row "$1" "$(hex_of "RCE1:$(base45_of "01$c$k$(hex_of "$2")")")" rce1 "$c" "$k" "$2"
}
bad() { row "$1" "$2" foreign - - -; }                                  # CASE HEX of the payload
bad_bytes() { bad "$1" "$(hex_of "RCE1:$(base45_of "$2")")"; }          # CASE HEX inside base45
bad_url() { bad_bytes "$1" "01$ca$code$(hex_of "$2")"; }                # CASE URL
bad_url_bytes() { bad_bytes "$1" "01$ca$code$2"; }                      # CASE HEX of the URL

url=https://rollcall.example.com:8443
label61=$(repeat a 61)
whole=$(base45_of "01$ca$code$(hex_of $url)")

echo '# case	payload	class	ca	code	url'
good host_name $url
good hash_and_code_of_zeros $url "$(repeat 00 32)" "$(repeat 00 16)"
good hash_and_code_of_ones $url "$(repeat ff 32)" "$(repeat ff 16)"
good one_label https://server:8443
good upper_case_host https://SERVER.Example:8443
good hyphens_and_digits https://a-1.2b.c--d:8443
good punycode https://xn--fiqs8s.example:443
good ipv4 https://10.20.30.40:8443
good ipv6 'https://[2001:db8::1]:8443'
good ipv6_loopback 'https://[::1]:8443'
good ipv6_with_ipv4 'https://[::ffff:10.0.0.1]:8443'
good lowest_port https://server:1
good highest_port https://server:65535
good shortest https://a:1
good odd_size https://ab:1
good label_of_63 "https://$(repeat a 63):8443"
good url_of_200 "https://$label61.$label61.$label61.a:8443"

bad_url url_of_201 "https://$label61.$label61.$label61.aa:8443"
bad_url url_of_300 "https://$label61.$label61.$label61.$(repeat a 50).$(repeat a 50):8443"
bad_url http http://server:8443
bad_url upper_case_scheme HTTPS://server:8443
bad_url no_scheme server:8443
bad_url other_scheme ftp://server:8443
bad_url one_slash https:/server:8443
bad_url three_slashes https:///server:8443
bad_url no_port https://server
bad_url empty_port https://server:
bad_url port_0 https://server:0
bad_url port_65536 https://server:65536
bad_url port_99999 https://server:99999
bad_url port_of_six_digits https://server:100000
bad_url port_with_leading_zero https://server:08443
bad_url port_with_sign https://server:+443
bad_url negative_port https://server:-1
bad_url port_1e3 https://server:1e3
bad_url port_in_hex https://server:0x1f
bad_url two_ports https://server:1:2
bad_url slash_behind https://server:8443/
bad_url path https://server:8443/enrol
bad_url query 'https://server:8443?x=1'
bad_url fragment 'https://server:8443#x'
bad_url user https://admin@server:8443
bad_url user_and_password https://admin:secret@server:8443
bad_url empty_host https://:8443
bad_url scheme_only https://
bad_url space_in_host 'https://ser ver:8443'
bad_url space_behind 'https://server:8443 '
bad_url space_before ' https://server:8443'
bad_url underscore https://ser_ver:8443
bad_url percent https://ser%76er:8443
bad_url quote "https://server':8443"
bad_url dot_behind https://server.:8443
bad_url dot_before https://.server:8443
bad_url two_dots https://a..b:8443
bad_url hyphen_before https://-server:8443
bad_url hyphen_behind https://server-.example:8443
bad_url label_of_64 "https://$(repeat a 64):8443"
bad_url ipv4_of_256 https://10.0.0.256:8443
bad_url ipv4_of_three https://10.0.1:8443
bad_url ipv4_of_five https://10.0.0.0.1:8443
bad_url ipv4_as_one_number https://167772161:8443
bad_url ipv4_with_leading_zero https://010.0.0.1:8443
bad_url numeric_last_label https://example.1:8443
bad_url ipv6_without_brackets https://2001:db8::1:8443
bad_url ipv6_unclosed 'https://[::1:8443'
bad_url ipv6_empty 'https://[]:8443'
bad_url ipv6_zone 'https://[fe80::1%25eth0]:8443'
bad_url ipv6_wrong 'https://[1:2:3]:8443'
bad_url ipv6_too_long "https://[$(repeat 0: 60)1]:8443"
bad_url ipv4_in_brackets 'https://[10.0.0.1]:8443'
bad_url bracket_then_text 'https://[::1]x:8443'
bad_url_bytes empty_url ''
bad_url_bytes nul_inside "$(hex_of https://ser)00$(hex_of ver:8443)"
bad_url_bytes nul_behind "$(hex_of $url)00"
bad_url_bytes line_feed_behind "$(hex_of $url)0a"
bad_url_bytes utf8_host "$(hex_of https://)e6b58be8af95$(hex_of :8443)"
bad_url_bytes full_width_port "$(hex_of https://server:)efbc98efbc94"
bad_url_bytes high_bytes "$(hex_of https://)ffff$(hex_of :8443)"

bad_bytes version_0 "00$ca$code$(hex_of $url)"
bad_bytes version_2 "02$ca$code$(hex_of $url)"
bad_bytes version_only 01
bad_bytes hash_only "01$ca"
bad_bytes one_byte_of_the_code_missing "01$ca${code:2}"
bad_bytes nothing ''
bad lower_case_prefix "$(hex_of "rce1:$whole")"
bad lower_case_text "$(hex_of "RCE1:${whole,,}")"
bad no_colon "$(hex_of "RCE1$whole")"
bad version_in_prefix "$(hex_of "RCE2:$whole")"
bad last_character_missing "$(hex_of "RCE1:${whole:0:-1}")"
bad one_character_more "$(hex_of "RCE1:${whole}0")"
bad group_too_large "$(hex_of "RCE1::::${whole:3}")"
bad line_feed_behind_the_text "$(hex_of "RCE1:$whole")0a"
bad nul_behind_the_text "$(hex_of "RCE1:$whole")00"
bad character_outside_the_alphabet "$(hex_of "RCE1:_${whole:1}")"
bad very_long "$(hex_of "RCE1:")$(repeat 30 4290)"
