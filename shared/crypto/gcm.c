/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/crypto/gcm.h"

#include "shared/crypto/mbed_priv.h"

static enum rc_status begin(mbedtls_gcm_context *gcm, const uint8_t key[RC_GCM_KEY_BYTES])
{
	int code;

	mbedtls_gcm_init(gcm);
	code = mbedtls_gcm_setkey(gcm, MBEDTLS_CIPHER_ID_AES, key, RC_GCM_KEY_BYTES * 8);
	if (code == 0)
		return RC_OK;
	mbedtls_gcm_free(gcm);
	return rc_crypto__status(code, RC_EBUG);
}

enum rc_status rc_gcm_encrypt(const uint8_t key[RC_GCM_KEY_BYTES],
			      const uint8_t nonce[RC_GCM_NONCE_BYTES], struct rc_bytes extra,
			      struct rc_bytes plain, uint8_t *out)
{
	mbedtls_gcm_context gcm;
	enum rc_status status = begin(&gcm, key);
	int code;

	if (status != RC_OK)
		return status;
	code = mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, plain.size, nonce,
					 RC_GCM_NONCE_BYTES, extra.data, extra.size, plain.data,
					 out, RC_GCM_TAG_BYTES, out + plain.size);
	mbedtls_gcm_free(&gcm);
	return code == 0 ? RC_OK : RC_ELIMIT; /* only a text of 64 GiB is left as a cause */
}

enum rc_status rc_gcm_decrypt(const uint8_t key[RC_GCM_KEY_BYTES],
			      const uint8_t nonce[RC_GCM_NONCE_BYTES], struct rc_bytes extra,
			      struct rc_bytes sealed, uint8_t *out)
{
	mbedtls_gcm_context gcm;
	enum rc_status status;
	size_t size;
	int code;

	if (sealed.size < RC_GCM_TAG_BYTES)
		return RC_EFORMAT;
	size = sealed.size - RC_GCM_TAG_BYTES;
	status = begin(&gcm, key);
	if (status == RC_OK) {
		code = mbedtls_gcm_auth_decrypt(&gcm, size, nonce, RC_GCM_NONCE_BYTES, extra.data,
						extra.size, sealed.data + size, RC_GCM_TAG_BYTES,
						sealed.data, out);
		mbedtls_gcm_free(&gcm);
		status = code == 0 ? RC_OK : RC_EDENIED;
	}
	if (status != RC_OK && size > 0)
		rc_wipe(out, size);
	return status;
}
