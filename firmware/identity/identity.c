/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An identity is a folder that is complete or not there: it is written as `<folder>.new`, file by file synced, and takes the
 * old one's place by RENAME_EXCHANGE, which a power cut can't split. The old one is removed afterwards; one that a cut left
 * behind as `.new` is removed by the next save.
 */
#include "firmware/identity/identity.h"

#include "shared/base/cleanup.h"
#include "shared/credentials/credential.h"
#include "shared/crypto/certificate.h"
#include "shared/crypto/pem.h"
#include "shared/file/file.h"
#include "shared/json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX_BYTES 65536u

static const char *const file_names[] = {"identity.json", "key.pem", "certificate.der", "ca.pem"};

void rc_identity_init(struct rc_identity *identity)
{
	memset(identity, 0, sizeof(*identity));
	rc_buf_init(&identity->certificate_der, FILE_MAX_BYTES);
	rc_buf_init(&identity->ca_pem, FILE_MAX_BYTES);
}

void rc_identity_deinit(struct rc_identity *identity)
{
	rc_key_free(identity->key);
	rc_buf_deinit(&identity->certificate_der);
	rc_buf_deinit(&identity->ca_pem);
	rc_identity_init(identity);
}

static enum rc_status load_about(int folder, struct rc_identity *identity, struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *json = NULL;
	RC_AUTO(rc_buf_deinit) struct rc_buf text;
	enum rc_status status;

	rc_buf_init(&text, FILE_MAX_BYTES);
	status = rc_file_read(folder, "identity.json", &text, err);
	if (status == RC_OK)
		status = rc_json_parse(rc_buf_bytes(&text), &json, err);
	if (status == RC_OK)
		status = rc_json_get_id(rc_json_root(json), "kiosk", &identity->kiosk, err);
	if (status == RC_OK)
		status =
		    rc_json_get_id(rc_json_root(json), "organisation", &identity->organisation, err);
	if (status == RC_OK)
		status = rc_json_get_text(rc_json_root(json), "site", identity->site,
					  sizeof(identity->site), err);
	if (status == RC_OK)
		status = rc_json_get_id(rc_json_root(json), "room", &identity->room, err);
	if (status == RC_OK)
		status = rc_json_get_text(rc_json_root(json), "url", identity->url,
					  sizeof(identity->url), err);
	if (status == RC_OK)
		status =
		    rc_json_get_time_optional(rc_json_root(json), "issued", &identity->issued_ms, err);
	if (status == RC_OK && !rc_enrol_url_is_valid(rc_bytes_of_text(identity->url)))
		status = rc_fail(err, RC_EFORMAT, "the server's URL is no https://host:port");
	return status;
}

static enum rc_status load_key(int folder, struct rc_identity *identity, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf pem;
	enum rc_status status;

	rc_buf_init(&pem, RC_KEY_PEM_MAX_BYTES);
	status = rc_file_read_secret(folder, "key.pem", &pem, err);
	if (status == RC_OK)
		status = rc_key_load_pem(rc_buf_bytes(&pem), &identity->key, err);
	if (pem.size > 0)
		rc_wipe(pem.data, pem.size);
	return status;
}

static enum rc_status check_pair(struct rc_identity *identity, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf of_key, of_certificate;
	enum rc_status status;

	rc_buf_init(&of_key, RC_KEY_PUBLIC_DER_BYTES);
	rc_buf_init(&of_certificate, RC_KEY_PUBLIC_DER_BYTES);
	status = rc_key_public_der(identity->key, &of_key, err);
	if (status == RC_OK)
		status = rc_certificate_public_der(rc_buf_bytes(&identity->certificate_der),
						   &of_certificate, err);
	if (status == RC_OK && !rc_bytes_equal(rc_buf_bytes(&of_key), rc_buf_bytes(&of_certificate)))
		status = rc_fail(err, RC_EDENIED, "the key belongs to another certificate");
	return status;
}

/* Without a CA nobody could be trusted, and it is better to say so here than at each connection. */
static enum rc_status check_ca(const struct rc_identity *identity, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf der;
	struct rc_certificate ca;
	enum rc_status status;

	rc_buf_init(&der, RC_CERTIFICATE_MAX_BYTES);
	status = rc_pem_decode(RC_PEM_CERTIFICATE, rc_buf_bytes(&identity->ca_pem), &der, NULL, err);
	if (status == RC_OK)
		status = rc_certificate_read(rc_buf_bytes(&der), &ca, err);
	return status == RC_OK ? RC_OK : rc_error_in(err, RC_EFORMAT, "ca.pem");
}

enum rc_status rc_identity_load(const char *folder, struct rc_identity *identity, struct rc_error *err)
{
	RC_AUTO(rc_close_p) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct rc_identity loaded;
	enum rc_status status;

	if (fd < 0)
		return rc_fail_errno(err, errno, "identity in %s", folder);
	rc_identity_init(&loaded);
	status = load_about(fd, &loaded, err);
	if (status == RC_OK)
		status = load_key(fd, &loaded, err);
	if (status == RC_OK)
		status = rc_file_read(fd, "certificate.der", &loaded.certificate_der, err);
	if (status == RC_OK)
		status = rc_file_read(fd, "ca.pem", &loaded.ca_pem, err);
	if (status == RC_OK)
		status = check_ca(&loaded, err);
	if (status == RC_OK)
		status = check_pair(&loaded, err);
	if (status != RC_OK) {
		rc_identity_deinit(&loaded);
		/* A folder without its files is damage, not a kiosk that was never enrolled. */
		return rc_error_in(err, status == RC_ENOTFOUND ? RC_EFORMAT : status,
				   "identity in %s", folder);
	}
	*identity = loaded;
	return RC_OK;
}

static void remove_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return;
	for (size_t i = 0; i < sizeof(file_names) / sizeof(file_names[0]); i++)
		(void)unlinkat(fd, file_names[i], 0); /* what stays keeps the folder, and mkdir says so */
	(void)close(fd);
	(void)rmdir(path);
}

static void encode_about(const struct rc_identity *identity, struct rc_buf *json)
{
	rc_json_open(json, '{');
	rc_json_member_id(json, "kiosk", &identity->kiosk);
	rc_json_member_id(json, "organisation", &identity->organisation);
	rc_json_member_text(json, "site", identity->site);
	rc_json_member_id(json, "room", &identity->room);
	rc_json_member_text(json, "url", identity->url);
	if (identity->issued_ms > 0)
		rc_json_member_time(json, "issued", identity->issued_ms);
	rc_json_close(json, '}');
	rc_buf_append_char(json, '\n');
}

static enum rc_status write_all(int folder, const struct rc_identity *identity, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf about, pem;
	enum rc_status status;

	rc_buf_init(&about, FILE_MAX_BYTES);
	rc_buf_init(&pem, RC_KEY_PEM_MAX_BYTES);
	encode_about(identity, &about);
	status = rc_buf_status(&about, err);
	if (status == RC_OK)
		status = rc_key_save_pem(identity->key, &pem, err);
	if (status == RC_OK)
		status = rc_file_create(folder, "identity.json", 0600, rc_buf_bytes(&about), err);
	if (status == RC_OK)
		status = rc_file_create(folder, "key.pem", 0600, rc_buf_bytes(&pem), err);
	if (status == RC_OK)
		status = rc_file_create(folder, "certificate.der", 0644,
					rc_buf_bytes(&identity->certificate_der), err);
	if (status == RC_OK)
		status = rc_file_create(folder, "ca.pem", 0644, rc_buf_bytes(&identity->ca_pem), err);
	if (pem.size > 0)
		rc_wipe(pem.data, pem.size);
	return status;
}

static enum rc_status take_place(const char *fresh, const char *folder, struct rc_error *err)
{
	char parent[PATH_MAX];
	char *slash;

	if (renameat2(AT_FDCWD, fresh, AT_FDCWD, folder, RENAME_EXCHANGE) != 0 &&
	    (errno != ENOENT || rename(fresh, folder) != 0))
		return rc_fail_errno(err, errno, "renaming to %s", folder);
	(void)snprintf(parent, sizeof(parent), "%s", folder);
	slash = strrchr(parent, '/');
	if (slash)
		*(slash == parent ? slash + 1 : slash) = '\0';
	RC_AUTO(rc_close_p) int fd = open(slash ? parent : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		return rc_fail_errno(err, errno, "syncing the folder of %s", folder);
	remove_folder(fresh); /* where there was an old one, that is it by now */
	return RC_OK;
}

enum rc_status rc_identity_save(const char *folder, const struct rc_identity *identity,
				struct rc_error *err)
{
	RC_AUTO(rc_close_p) int fd = -1;
	char fresh[PATH_MAX];
	enum rc_status status;

	if (snprintf(fresh, sizeof(fresh), "%s.new", folder) >= (int)sizeof(fresh))
		return rc_fail(err, RC_EUSAGE, "path %s is too long", folder);
	remove_folder(fresh);
	if (mkdir(fresh, 0700) != 0)
		return rc_fail_errno(err, errno, "%s", fresh);
	fd = open(fresh, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return rc_fail_errno(err, errno, "%s", fresh);
	status = write_all(fd, identity, err);
	if (status == RC_OK && fsync(fd) != 0)
		status = rc_fail_errno(err, errno, "syncing %s", fresh);
	if (status == RC_OK)
		status = take_place(fresh, folder, err);
	return status;
}
