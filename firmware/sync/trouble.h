/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SYNC_TROUBLE_H
#define RC_SYNC_TROUBLE_H
/* Why the server isn't reached, as far as people at the kiosk can do something about it. */

enum rc_sync_trouble {
	RC_SYNC_TROUBLE_NONE,
	RC_SYNC_TROUBLE_NETWORK,     /* no address, no route: cable, Wi-Fi, name service */
	RC_SYNC_TROUBLE_SERVER,      /* it can't be reached, or doesn't answer in time */
	RC_SYNC_TROUBLE_CERTIFICATE, /* one of the two sides isn't proved to the other */
	RC_SYNC_TROUBLE_REFUSED,     /* it answers, and not in the way that counts */
};

#endif
