/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TESTS_UNIT_SCREEN_TESTING_H
#define RC_TESTS_UNIT_SCREEN_TESTING_H
/* cmocka with the headers that it wants before itself. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#define RC_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
