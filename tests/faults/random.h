/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_FAULTS_RANDOM_H
#define RC_FAULTS_RANDOM_H
/* Numbers that follow from a seed alone (splitmix64): a run that failed can be made again. */
#include <stdint.h>

static inline uint64_t random_next(uint64_t *state)
{
	uint64_t word = *state += UINT64_C(0x9e3779b97f4a7c15);

	word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
	return word ^ (word >> 31);
}

/* 0 … below - 1. */
static inline long random_below(uint64_t *state, long below)
{
	return (long)(random_next(state) % (uint64_t)below);
}

#endif
