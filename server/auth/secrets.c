/* SPDX-License-Identifier: Apache-2.0 */
/* Files are written whole, synced, and only then the folder; a folder that was begun and not finished is reported, not used. */
#include "server/auth/secrets.h"

#include "shared/base/random.h"
#include "shared/base/timestamp.h"
#include "shared/crypto/certificate.h"
#include "shared/crypto/hash.h"
#include "shared/file/file.h"
#include "shared/sealing/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define FILE_MAX_BYTES 16384u
#define CA_BEGINS_MS   INT64_C(1577836800000) /* 2020-01-01 */
#define CA_ENDS_MS     INT64_C(2524608000000) /* 2050-01-01 */

void rc_secrets_init(struct rc_secrets *secrets)
{
	memset(secrets, 0, sizeof(*secrets));
	rc_buf_init(&secrets->ca_der, FILE_MAX_BYTES);
}

void rc_secrets_deinit(struct rc_secrets *secrets)
{
	rc_wipe(secrets->key, sizeof(secrets->key));
	rc_key_free(secrets->seal_key);
	rc_key_free(secrets->ca_key);
	rc_buf_deinit(&secrets->ca_der);
	rc_secrets_init(secrets);
}

static void set_fingerprint(struct rc_secrets *secrets)
{
	static const char label[] = "rollcall/1/secrets";
	struct rc_sha256 hash;

	rc_sha256_init(&hash);
	rc_sha256_add(&hash, rc_bytes_of(label, sizeof(label) - 1));
	rc_sha256_add(&hash, rc_bytes_of(secrets->key, sizeof(secrets->key)));
	rc_sha256_end(&hash, secrets->fingerprint);
}

static enum rc_status save_key(int folder, const char *name, struct rc_key *key, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf pem;
	enum rc_status status;

	rc_buf_init(&pem, FILE_MAX_BYTES);
	status = rc_key_save_pem(key, &pem, err);
	if (status == RC_OK)
		status = rc_file_create(folder, name, 0600, rc_buf_bytes(&pem), err);
	if (pem.size > 0)
		rc_wipe(pem.data, pem.size);
	return status;
}

static enum rc_status create_seal_key(int folder, struct rc_error *err)
{
	RC_AUTO(rc_key_free_p) struct rc_key *key = NULL;
	enum rc_status status = rc_key_new(&key, err);

	return status == RC_OK ? save_key(folder, "seal.key", key, err) : status;
}

static enum rc_status create_ca(int folder, const char *ca_name, struct rc_error *err)
{
	const struct rc_validity validity = {.not_before_ms = CA_BEGINS_MS, .not_after_ms = CA_ENDS_MS};
	RC_AUTO(rc_key_free_p) struct rc_key *key = NULL;
	RC_AUTO(rc_buf_deinit) struct rc_buf der;
	enum rc_status status;

	rc_buf_init(&der, FILE_MAX_BYTES);
	status = rc_key_new(&key, err);
	if (status == RC_OK)
		status = rc_ca_create(key, ca_name, &validity, &der, err);
	if (status == RC_OK)
		status = save_key(folder, "ca.key", key, err);
	if (status == RC_OK)
		status = rc_file_create(folder, "ca.der", 0644, rc_buf_bytes(&der), err);
	return status;
}

/* A folder with any of these is somebody's: a node that doesn't sign has no ca.key and must not be given one of another CA. */
static enum rc_status check_empty(int folder, struct rc_error *err)
{
	static const char *const names[] = {"secrets.key", "seal.key", "ca.key", "ca.der"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (faccessat(folder, names[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return rc_fail(err, RC_ECONFLICT, "%s is there already", names[i]);
	}
	return RC_OK;
}

enum rc_status rc_secrets_create(const char *folder, const char *ca_name, struct rc_error *err)
{
	RC_AUTO(rc_close_p) int fd = -1;
	uint8_t key[RC_SECRETS_KEY_BYTES];
	enum rc_status status;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return rc_fail_errno(err, errno, "%s", folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return rc_fail_errno(err, errno, "%s", folder);
	status = check_empty(fd, err);
	if (status == RC_OK)
		status = create_ca(fd, ca_name, err);
	if (status == RC_OK)
		status = create_seal_key(fd, err);
	if (status == RC_OK) {
		rc_random(key, sizeof(key));
		status = rc_file_create(fd, "secrets.key", 0600, rc_bytes_of(key, sizeof(key)), err);
		rc_wipe(key, sizeof(key));
	}
	if (status == RC_OK && fsync(fd) != 0)
		status = rc_fail_errno(err, errno, "syncing the folder");
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "secrets in %s", folder);
}

/* With a key of another CA every certificate would be refused, and nobody would see why. */
static enum rc_status check_ca_pair(const struct rc_secrets *secrets, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf of_key, of_ca;
	enum rc_status status;

	rc_buf_init(&of_key, RC_KEY_PUBLIC_DER_BYTES);
	rc_buf_init(&of_ca, RC_KEY_PUBLIC_DER_BYTES);
	status = rc_key_public_der(secrets->ca_key, &of_key, err);
	if (status == RC_OK)
		status = rc_certificate_public_der(rc_buf_bytes(&secrets->ca_der), &of_ca, err);
	if (status == RC_OK && !rc_bytes_equal(rc_buf_bytes(&of_key), rc_buf_bytes(&of_ca)))
		status = rc_fail(err, RC_EFORMAT, "ca.key is not the key of ca.der");
	return status;
}

/* A key that need not be there: `*key` stays NULL then. */
static enum rc_status load_private(int folder, const char *name, struct rc_key **key, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf pem;
	enum rc_status status;

	rc_buf_init(&pem, FILE_MAX_BYTES);
	status = rc_file_read_secret(folder, name, &pem, err);
	if (status == RC_ENOTFOUND)
		return RC_OK;
	if (status == RC_OK) {
		status = rc_key_load_pem(rc_buf_bytes(&pem), key, err);
		if (status != RC_OK)
			(void)rc_error_in(err, status, "%s", name);
	}
	if (pem.size > 0)
		rc_wipe(pem.data, pem.size);
	return status;
}

static enum rc_status load_ca(int folder, struct rc_secrets *secrets, struct rc_error *err)
{
	enum rc_status status = rc_file_read(folder, "ca.der", &secrets->ca_der, err);

	if (status == RC_OK)
		status = load_private(folder, "ca.key", &secrets->ca_key, err);
	if (status != RC_OK || !secrets->ca_key)
		return status; /* without a key: a node that doesn't sign */
	return check_ca_pair(secrets, err);
}

static enum rc_status load_key(int folder, struct rc_secrets *secrets, struct rc_error *err)
{
	uint8_t memory[RC_SECRETS_KEY_BYTES + 2]; /* a byte too many shows, and the NUL */
	struct rc_buf key;
	enum rc_status status;

	rc_buf_init_fixed(&key, memory, sizeof(memory));
	status = rc_file_read_secret(folder, "secrets.key", &key, err);
	if (status == RC_ELIMIT || (status == RC_OK && key.size != RC_SECRETS_KEY_BYTES))
		status =
		    rc_fail(err, RC_EFORMAT, "secrets.key isn't %u bytes long", RC_SECRETS_KEY_BYTES);
	if (status == RC_OK) {
		memcpy(secrets->key, memory, RC_SECRETS_KEY_BYTES);
		set_fingerprint(secrets);
	}
	rc_wipe(memory, sizeof(memory));
	return status;
}

enum rc_status rc_secrets_load(const char *folder, struct rc_secrets *secrets, struct rc_error *err)
{
	RC_AUTO(rc_close_p) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct rc_secrets loaded;
	enum rc_status status;

	if (fd < 0)
		return rc_fail_errno(err, errno, "secrets in %s", folder);
	rc_secrets_init(&loaded);
	status = load_key(fd, &loaded, err);
	if (status == RC_OK)
		status = load_private(fd, "seal.key", &loaded.seal_key, err);
	if (status == RC_OK)
		status = load_ca(fd, &loaded, err);
	if (status != RC_OK) {
		rc_secrets_deinit(&loaded);
		return rc_error_in(err, status, "secrets in %s", folder);
	}
	*secrets = loaded;
	rc_wipe(loaded.key, sizeof(loaded.key));
	return RC_OK;
}

enum rc_status rc_secrets_complete(const char *folder, struct rc_secrets *secrets, struct rc_error *err)
{
	RC_AUTO(rc_close_p) int fd = -1;
	enum rc_status status;

	if (secrets->seal_key)
		return RC_OK;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return rc_fail_errno(err, errno, "secrets in %s", folder);
	status = create_seal_key(fd, err);
	if (status == RC_OK && fsync(fd) != 0)
		status = rc_fail_errno(err, errno, "syncing the folder");
	if (status == RC_OK || status == RC_ECONFLICT)
		status = load_private(fd, "seal.key", &secrets->seal_key, err);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "secrets in %s", folder);
}

/* Rows of the database have no version of their own here: the random nonce tells two writings apart. */
static struct rc_seal_place place_of(const char *table, const struct rc_id *row)
{
	struct rc_seal_place place = {.table = table};

	memcpy(place.ref, row->octets, sizeof(place.ref));
	return place;
}

enum rc_status rc_secrets_seal(const struct rc_secrets *secrets, const char *table,
			       const struct rc_id *row, struct rc_bytes plain,
			       struct rc_buf *sealed, struct rc_error *err)
{
	struct rc_seal_place place = place_of(table, row);

	return rc_seal(secrets->key, &place, plain, sealed, err);
}

enum rc_status rc_secrets_open(const struct rc_secrets *secrets, const char *table,
			       const struct rc_id *row, struct rc_bytes sealed,
			       struct rc_buf *plain, struct rc_error *err)
{
	struct rc_seal_place place = place_of(table, row);

	return rc_unseal(secrets->key, &place, sealed, plain, err);
}
