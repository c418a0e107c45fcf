/* SPDX-License-Identifier: Apache-2.0 */
#include "server/cli/passphrase.h"

#include "server/cli/home.h"
#include "shared/file/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

/* Reads to the end of the line, a byte at a time: what stands behind it is somebody else's. */
static enum rc_status read_line(int fd, struct rc_buf *line, struct rc_error *err)
{
	char c = 0;
	ssize_t got;

	do {
		got = read(fd, &c, 1);
		if (got < 0 && errno != EINTR)
			return rc_fail_errno(err, errno, "reading the passphrase");
		if (got == 1 && c != '\n')
			rc_buf_append_char(line, c);
	} while (got != 0 && c != '\n');
	return rc_buf_status(line, err);
}

static enum rc_status ask(int terminal, const char *question, struct rc_buf *answer, struct rc_error *err)
{
	struct termios shown, hidden;
	enum rc_status status;

	if (tcgetattr(terminal, &shown) != 0)
		return rc_fail_errno(err, errno, "the terminal");
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(terminal, TCSAFLUSH, &hidden) != 0)
		return rc_fail_errno(err, errno, "the terminal");
	(void)dprintf(terminal, "%s", question);
	status = read_line(terminal, answer, err);
	(void)tcsetattr(terminal, TCSAFLUSH, &shown);
	(void)dprintf(terminal, "\n");
	return status;
}

/* All of its room at once, so that growing leaves no copy behind. */
static enum rc_status make_room(struct rc_buf *buf, struct rc_error *err)
{
	rc_buf_init(buf, RC_CLI_PASSPHRASE_MAX_BYTES);
	return rc_buf_reserve(buf, RC_CLI_PASSPHRASE_MAX_BYTES) == RC_OK
		   ? RC_OK
		   : rc_fail(err, RC_ENOMEM, "no memory for a passphrase");
}

static enum rc_status ask_again(int terminal, const struct rc_buf *first, struct rc_error *err)
{
	struct rc_buf second;
	enum rc_status status = make_room(&second, err);

	if (status == RC_OK)
		status = ask(terminal, RC_CLI_TEXT("The same again: ", "请再输入一次："), &second, err);
	if (status == RC_OK && !rc_bytes_equal_secret(rc_buf_bytes(first), rc_buf_bytes(&second)))
		status = rc_fail(err, RC_EUSAGE, "the two passphrases differ");
	rc_cli_passphrase_deinit(&second);
	return status;
}

static enum rc_status from_terminal(bool is_new, struct rc_buf *passphrase, struct rc_error *err)
{
	RC_AUTO(rc_close_p) int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	enum rc_status status;

	if (terminal < 0)
		return rc_fail(
		    err, RC_EUSAGE, "there is no terminal to ask for the passphrase: give --passphrase-file FILE, - for stdin");
	status = ask(terminal, RC_CLI_TEXT("Passphrase of the backup: ", "备份口令："), passphrase, err);
	return status == RC_OK && is_new ? ask_again(terminal, passphrase, err) : status;
}

static void drop_line_end(struct rc_buf *text)
{
	if (text->size > 0 && text->data[text->size - 1] == '\n')
		text->data[--text->size] = '\0';
}

enum rc_status rc_cli_passphrase(const struct rc_options *options, bool is_new,
				 struct rc_buf *passphrase, struct rc_error *err)
{
	const char *file = rc_options_text(options, "passphrase-file");
	enum rc_status status = make_room(passphrase, err);

	if (status != RC_OK)
		return status;
	if (!file)
		return from_terminal(is_new, passphrase, err);
	if (strcmp(file, "-") == 0)
		return read_line(STDIN_FILENO, passphrase, err);
	status = rc_file_read_secret(AT_FDCWD, file, passphrase, err);
	drop_line_end(passphrase);
	return status;
}

void rc_cli_passphrase_deinit(struct rc_buf *passphrase)
{
	if (passphrase->data)
		rc_wipe(passphrase->data, passphrase->capacity);
	rc_buf_deinit(passphrase);
}
