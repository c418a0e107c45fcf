/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mbedtls_pk does the work, because its functions are the same in both versions; it speaks DER signatures, facts hold r ‖ s, so
 * the two are turned into each other here.
 */
#include "shared/crypto/key_priv.h"

#include <assert.h>

#define NUMBER_BYTES (RC_KEY_SIGNATURE_BYTES / 2u)
/* A sequence of two integers of at most 33 bytes, each with a tag and a length. */
#define SIGNATURE_DER_MAX_BYTES (2u + 2u * (2u + NUMBER_BYTES + 1u))

static struct rc_key *key_alloc(void)
{
	struct rc_key *key = calloc(1, sizeof(*key));

	if (!key)
		return NULL;
	if (pthread_mutex_init(&key->lock, NULL) != 0) {
		free(key);
		return NULL;
	}
	mbedtls_pk_init(&key->pk);
	return key;
}

void rc_key_free(struct rc_key *key)
{
	if (!key)
		return;
	mbedtls_pk_free(&key->pk); /* wipes the numbers it frees */
	(void)pthread_mutex_destroy(&key->lock);
	rc_wipe(key, sizeof(*key));
	free(key);
}

enum rc_status rc_key_new(struct rc_key **key, struct rc_error *err)
{
	RC_AUTO(rc_key_free_p) struct rc_key *made = key_alloc();
	int code;

	if (!made)
		return rc_fail(err, RC_ENOMEM, "no memory for a key");
	code = mbedtls_pk_setup(&made->pk, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
	if (code == 0)
		code = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(made->pk),
					   rc_crypto__rng, NULL);
	if (code != 0)
		return rc_fail(err, rc_crypto__status(code, RC_EBUG),
			       "can't make a key (mbedTLS -0x%04x)", (unsigned)-code);
	*key = RC_STEAL(made);
	return RC_OK;
}

/* mbedTLS takes DER as well; a file that holds no PEM is a mistake that should be told. */
static bool looks_like_pem(struct rc_bytes pem)
{
	static const char mark[] = "-----BEGIN ";

	return memchr(pem.data, '\0', pem.size) == NULL &&
	       memmem(pem.data, pem.size, mark, sizeof(mark) - 1) != NULL;
}

static int parse_private(mbedtls_pk_context *pk, struct rc_bytes pem)
{
	uint8_t text[RC_KEY_PEM_MAX_BYTES + 1];
	int code;

	memcpy(text, pem.data, pem.size);
	text[pem.size] = '\0';
	code = rc_crypto__pk_parse_private(pk, text, pem.size + 1);
	rc_wipe(text, sizeof(text));
	return code;
}

enum rc_status rc_key_load_pem(struct rc_bytes pem, struct rc_key **key, struct rc_error *err)
{
	RC_AUTO(rc_key_free_p) struct rc_key *read = NULL;
	int code;

	if (pem.size > RC_KEY_PEM_MAX_BYTES)
		return rc_fail(err, RC_EFORMAT, "longer than any private key of ours");
	if (pem.size == 0 || !looks_like_pem(pem))
		return rc_fail(err, RC_EFORMAT, "no PEM");
	read = key_alloc();
	if (!read)
		return rc_fail(err, RC_ENOMEM, "no memory for a key");
	code = parse_private(&read->pk, pem);
	if (code == MBEDTLS_ERR_PK_PASSWORD_REQUIRED)
		return rc_fail(err, RC_EFORMAT, "the private key is encrypted");
	if (code != 0)
		return rc_fail(err, rc_crypto__status(code, RC_EFORMAT), "no private key");
	if (!rc_crypto__pk_is_p256(&read->pk))
		return rc_fail(err, RC_EFORMAT, "the private key isn't of curve P-256");
	if (rc_crypto__pk_check_pair(&read->pk) != 0)
		return rc_fail(err, RC_EFORMAT, "the two halves of the key don't fit");
	*key = RC_STEAL(read);
	return RC_OK;
}

enum rc_status rc_key_save_pem(struct rc_key *key, struct rc_buf *pem, struct rc_error *err)
{
	uint8_t text[512];
	int code;

	assert(key);
	(void)pthread_mutex_lock(&key->lock);
	code = mbedtls_pk_write_key_pem(&key->pk, text, sizeof(text));
	(void)pthread_mutex_unlock(&key->lock);
	if (code == 0)
		rc_buf_append_text(pem, (const char *)text);
	rc_wipe(text, sizeof(text));
	if (code != 0)
		return rc_fail(err, rc_crypto__status(code, RC_EBUG), "can't write the key");
	return rc_buf_status(pem, err);
}

enum rc_status rc_crypto__public_write(mbedtls_pk_context *pk, uint8_t der[RC_KEY_PUBLIC_DER_BYTES])
{
	int written; /* mbedTLS writes at the end of the room it is given */

	if (!rc_crypto__pk_is_p256(pk))
		return RC_EFORMAT;
	written = mbedtls_pk_write_pubkey_der(pk, der, RC_KEY_PUBLIC_DER_BYTES);
	if (written == (int)RC_KEY_PUBLIC_DER_BYTES)
		return RC_OK;
	return written < 0 ? rc_crypto__status(written, RC_EBUG) : RC_EBUG;
}

enum rc_status rc_key_public_der(struct rc_key *key, struct rc_buf *der, struct rc_error *err)
{
	uint8_t bytes[RC_KEY_PUBLIC_DER_BYTES];
	enum rc_status status;

	assert(key);
	(void)pthread_mutex_lock(&key->lock);
	status = rc_crypto__public_write(&key->pk, bytes);
	(void)pthread_mutex_unlock(&key->lock);
	if (status != RC_OK)
		return rc_fail(err, status, "can't write the public key");
	rc_buf_append(der, bytes, sizeof(bytes));
	return rc_buf_status(der, err);
}

enum rc_status rc_crypto__public_read(struct rc_bytes public_der, mbedtls_pk_context *pk)
{
	int code;

	if (public_der.size != RC_KEY_PUBLIC_DER_BYTES)
		return RC_EFORMAT;
	mbedtls_pk_init(pk);
	code = mbedtls_pk_parse_public_key(pk, public_der.data, public_der.size);
	if (code == 0 && rc_crypto__pk_is_p256(pk))
		return RC_OK;
	mbedtls_pk_free(pk);
	return rc_crypto__status(code, RC_EFORMAT);
}

/* Takes the next INTEGER off `*from` and writes it as 32 bytes. */
static bool take_number(unsigned char **from, const unsigned char *end, uint8_t number[NUMBER_BYTES])
{
	size_t size;

	if (mbedtls_asn1_get_tag(from, end, &size, MBEDTLS_ASN1_INTEGER) != 0)
		return false;
	while (size > 0 && **from == 0) {
		(*from)++;
		size--;
	}
	if (size > NUMBER_BYTES)
		return false;
	memset(number, 0, NUMBER_BYTES - size);
	memcpy(number + NUMBER_BYTES - size, *from, size);
	*from += size;
	return true;
}

static bool raw_of_der(unsigned char *der, size_t size, uint8_t rs[RC_KEY_SIGNATURE_BYTES])
{
	const unsigned char *end = der + size;

	return mbedtls_asn1_get_tag(&der, end, &size,
				    MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE) == 0 &&
	       take_number(&der, end, rs) && take_number(&der, end, rs + NUMBER_BYTES) && der == end;
}

/* Writes one INTEGER: no leading zeros but the one that keeps it positive. Returns its size. */
static size_t put_number(const uint8_t number[NUMBER_BYTES], uint8_t *to)
{
	size_t skip = 0, size, zero;

	while (skip < NUMBER_BYTES - 1 && number[skip] == 0)
		skip++;
	zero = number[skip] >> 7;
	size = NUMBER_BYTES - skip;
	to[0] = MBEDTLS_ASN1_INTEGER;
	to[1] = (uint8_t)(size + zero);
	to[2] = 0;
	memcpy(to + 2 + zero, number + skip, size);
	return 2 + zero + size;
}

static size_t der_of_raw(const uint8_t rs[RC_KEY_SIGNATURE_BYTES], uint8_t der[SIGNATURE_DER_MAX_BYTES])
{
	size_t size = 2;

	size += put_number(rs, der + size);
	size += put_number(rs + NUMBER_BYTES, der + size);
	der[0] = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE;
	der[1] = (uint8_t)(size - 2);
	return size;
}

enum rc_status rc_key_sign(struct rc_key *key, const uint8_t hash[32],
			   uint8_t rs[RC_KEY_SIGNATURE_BYTES], struct rc_error *err)
{
	uint8_t der[MBEDTLS_PK_SIGNATURE_MAX_SIZE];
	size_t size = 0;
	int code;

	assert(key);
	(void)pthread_mutex_lock(&key->lock);
	code = rc_crypto__pk_sign(&key->pk, hash, der, sizeof(der), &size);
	(void)pthread_mutex_unlock(&key->lock);
	if (code != 0)
		return rc_fail(err, rc_crypto__status(code, RC_EBUG),
			       "can't sign (mbedTLS -0x%04x)", (unsigned)-code);
	if (!raw_of_der(der, size, rs))
		return rc_fail(err, RC_EBUG, "a signature of another shape");
	return RC_OK;
}

enum rc_status rc_key_verify(struct rc_bytes public_der, const uint8_t hash[32],
			     const uint8_t rs[RC_KEY_SIGNATURE_BYTES])
{
	uint8_t der[SIGNATURE_DER_MAX_BYTES];
	mbedtls_pk_context pk;
	enum rc_status status = rc_crypto__public_read(public_der, &pk);
	int code;

	if (status != RC_OK)
		return status;
	code = mbedtls_pk_verify(&pk, MBEDTLS_MD_SHA256, hash, 32, der, der_of_raw(rs, der));
	mbedtls_pk_free(&pk);
	return code == 0 ? RC_OK : rc_crypto__status(code, RC_EDENIED);
}
