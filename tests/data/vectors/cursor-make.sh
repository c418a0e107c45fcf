#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Prints cursor.tsv: the subscription in a cursor, the first 16 hex digits of SHA-256 over the sorted scopes joined by LF.
. "$(dirname "$0")/lib.sh"

subscription() { # CASE SCOPE…
	local name=$1 sum
	shift
	sum=$(printf '%s\n' "$@" | sort | head -c -1 | sha256)
	row "$name" "$*" "${sum:0:16}"
}

kiosk=kiosk:0c9f1e2d-3b4a-4c5d-8e6f-708192a3b4c5
site=site:7b5d4186-8f10-42b3-84d5-e6f73f2a9c0e
echo '# case	scopes	subscription'
subscription all all
subscription all_site_kiosk all $site $kiosk
subscription the_order_given_does_not_count $kiosk $site all
subscription another_kiosk all $site ${kiosk%5}6
subscription two_sites all $site site:8b5d4186-8f10-42b3-84d5-e6f73f2a9c0e
subscription upper_case_sorts_first b a B A
subscription a_scope_that_begins_another site:1 site:10 site
