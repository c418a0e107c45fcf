/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public keys as bare points, and what two keys agree on. A point is checked to lie on the curve before anything is multiplied
 * by it: one of another curve would let its sender find out our private key bit by bit.
 */
#include "shared/crypto/key_priv.h"

#include <assert.h>

enum rc_status rc_key_public_point(struct rc_key *key, uint8_t point[RC_KEY_POINT_BYTES],
				   struct rc_error *err)
{
	uint8_t der[RC_KEY_PUBLIC_DER_BYTES];
	enum rc_status status;

	assert(key);
	(void)pthread_mutex_lock(&key->lock);
	status = rc_crypto__public_write(&key->pk, der);
	(void)pthread_mutex_unlock(&key->lock);
	if (status != RC_OK)
		return rc_fail(err, status, "can't write the public key");
	/* A SubjectPublicKeyInfo ends with the point. */
	memcpy(point, der + RC_KEY_PUBLIC_DER_BYTES - RC_KEY_POINT_BYTES, RC_KEY_POINT_BYTES);
	return RC_OK;
}

/* Reads into an initialised point; mbedTLS takes other forms of points as well, we write none. */
static int read_point(mbedtls_ecp_group *curve, const uint8_t bytes[RC_KEY_POINT_BYTES],
		      mbedtls_ecp_point *point)
{
	int code = bytes[0] == 0x04 ? 0 : MBEDTLS_ERR_ECP_BAD_INPUT_DATA;

	if (code == 0)
		code = mbedtls_ecp_group_load(curve, MBEDTLS_ECP_DP_SECP256R1);
	if (code == 0)
		code = mbedtls_ecp_point_read_binary(curve, point, bytes, RC_KEY_POINT_BYTES);
	if (code == 0)
		code = mbedtls_ecp_check_pubkey(curve, point);
	return code;
}

enum rc_status rc_key_check_point(const uint8_t bytes[RC_KEY_POINT_BYTES])
{
	mbedtls_ecp_group curve;
	mbedtls_ecp_point point;
	int code;

	mbedtls_ecp_group_init(&curve);
	mbedtls_ecp_point_init(&point);
	code = read_point(&curve, bytes, &point);
	mbedtls_ecp_point_free(&point);
	mbedtls_ecp_group_free(&curve);
	return code == 0 ? RC_OK : rc_crypto__status(code, RC_EFORMAT);
}

static int agree(struct rc_key *key, const mbedtls_ecp_point *peer, uint8_t agreed[RC_KEY_AGREED_BYTES])
{
	mbedtls_mpi x;
	int code;

	mbedtls_mpi_init(&x);
	(void)pthread_mutex_lock(&key->lock);
	code = rc_crypto__agree(&key->pk, peer, &x);
	(void)pthread_mutex_unlock(&key->lock);
	if (code == 0)
		code = mbedtls_mpi_write_binary(&x, agreed, RC_KEY_AGREED_BYTES);
	mbedtls_mpi_free(&x); /* wipes */
	return code;
}

enum rc_status rc_key_agree(struct rc_key *key, const uint8_t peer[RC_KEY_POINT_BYTES],
			    uint8_t agreed[RC_KEY_AGREED_BYTES], struct rc_error *err)
{
	mbedtls_ecp_group curve;
	mbedtls_ecp_point point;
	int code;

	assert(key);
	mbedtls_ecp_group_init(&curve);
	mbedtls_ecp_point_init(&point);
	code = read_point(&curve, peer, &point);
	if (code == 0)
		code = agree(key, &point, agreed);
	mbedtls_ecp_point_free(&point);
	mbedtls_ecp_group_free(&curve);
	if (code != 0)
		return rc_fail(err, rc_crypto__status(code, RC_EFORMAT), "no public key to agree with");
	return RC_OK;
}
