/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_FLOW_SHORT_NAME_H
#define RC_FLOW_SHORT_NAME_H
/* A name that its holder knows and a bystander doesn't learn, for organisations that want no full names on the screen. Pure. */
#include <stddef.h>

/*
 * Writes the short form of `name` (UTF-8), never longer than the name, cut between characters at `to_size`.
 *
 *     张伟 → 张*     李小龙 → 李*龙     欧阳娜娜 → 欧**娜     Anna Maria Kowalska → Anna K.     Madonna → M**a
 *
 * Names of several words that hold no Chinese, Japanese or Korean character keep the first word and the initial of the last
 * one. All others keep the first character and, from three on, the last; what lies between is at most two stars.
 */
void rc_flow_short_name(const char *name, char *to, size_t to_size);

#endif
