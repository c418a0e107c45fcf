/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_BASE_RANDOM_H
#define RC_BASE_RANDOM_H
/*
 * The one random source: the kernel's. Good for keys, nonces, salts and jitter alike; any thread.
 */
#include <stddef.h>
#include <stdint.h>

/* Fills memory with random bytes. Waits at early boot; aborts if the kernel refuses, because no caller could go on safely. */
void rc_random(void *data, size_t size);

/* Evenly 0 … bound-1; bound > 0. */
uint32_t rc_random_below(uint32_t bound);

#endif
