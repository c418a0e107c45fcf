/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TESTS_MODULE_IDENTITY_MADE_H
#define RC_TESTS_MODULE_IDENTITY_MADE_H
/* Identities for tests: a kiosk's own, with a CA that was made for it. These end the test when they fail. */
#include "firmware/identity/identity.h"

/* A complete identity for a server at `url`; deinit it. */
void made_identity(struct rc_identity *identity, const char *url);

/* The same of a kiosk and a key that are there already; takes the key over. */
void made_identity_for(struct rc_identity *identity, const char *url, const struct rc_id *kiosk,
		       struct rc_key *key);

/* A folder in /tmp, and its removal with everything in it. */
void made_folder(char path[64]);
void made_folder_remove(const char *path);

#endif
