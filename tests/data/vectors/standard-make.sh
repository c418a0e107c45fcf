#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Prints standard.tsv: codes of the data standard as people write them, and the one form they have.
. "$(dirname "$0")/lib.sh"

code() { row "$1" "$2" "$(hex_of "$3")" "$(hex_of "$4")"; } # CASE KIND WRITTEN FORM

# As `code`, for what is refused.
bad() {
	local written=-
	[ -z "$3" ] || written=$(hex_of "$3")
	row "$1" "$2" "$written" -
}

echo '# case	kind	written	form'
code an_employee employee 001-01 001-01
code outer_spaces employee '  001-01 ' 001-01
code spaces_around_the_dash employee '001 - 01' 001-01
code full_width employee '００１－０１' 001-01
code a_long_dash employee '001—01' 001-01
code an_ideographic_space employee '　12345678-1234' 12345678-1234
bad empty employee ''
bad two_digits employee 01-01
bad nine_digits employee 123456789-01
bad one_digit_of_department employee 001-1
bad a_letter employee 00A-01
bad three_parts employee 001-01-01
bad one_part employee 00101
bad a_space_inside employee '0 01-01'
bad a_line_feed employee $'001-01\n'
bad a_zero_width_space employee $'001\xe2\x80\x8b-01'
bad arabic_digits employee '٠٠١-٠١'
bad not_utf8 employee $'001-\xff1'
code a_position position 生产族-操作序列-初级工 生产族-操作序列-初级工
code a_position_in_full_width position '生产族－操作序列－初级工' 生产族-操作序列-初级工
code letters_and_digits position '职能族-IT序列-P7' 职能族-IT序列-P7
code words position 'Production - Operation - Junior' Production-Operation-Junior
bad a_part_missing position 生产族--初级工
bad four_parts position 生产族-操作-序列-初级工
bad a_part_of_21_characters position "$(repeat 工 21)-序列-级"
code a_part_of_20_characters position "$(repeat 工 20)-序列-级" "$(repeat 工 20)-序列-级"
bad right_to_left position $'生产族-操作\xe2\x80\xae序列-初级工'
code a_course course T-001-01 T-001-01
code a_course_in_lower_case course t-001-01 T-001-01
code a_course_in_full_width course 'Ｔ－００１－０１' T-001-01
code the_longest_course course ABCD-123456-123 ABCD-123456-123
bad no_type course -001-01
bad a_type_of_five_letters course ABCDE-001-01
bad a_digit_as_type course 1-001-01
bad two_digits_of_number course T-01-01
bad no_version course T-001
bad sql course "T-001-01'; DROP TABLE course"
