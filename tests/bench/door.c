/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollcall-bench-door: camera and screen of a running kiosk at once. Hands over a picture of a badge, waits for the greeting,
 * and says how long that took: the real scanner in its sandbox, the real daemon, a fact on the disk in between.
 *
 * Everybody shown is registered and new, because who is signed in already leaves no fact each time. Beside each person the yardstick is measured on
 * the same picture: reading it in this process, and one fdatasync of as many bytes as a fact has.
 */
#include "firmware/scanner/feed.h"
#include "firmware/scanner/qr_reader.h"
#include "tests/bench/bench.h"
#include "tests/sim/camera/badge_view.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SECTION       "door"
#define WIDTH         640u
#define HEIGHT        480u
#define FACT_BYTES    650u
#define FRAME_US      33333.0
#define MESSAGE_MAX   65536u
#define PATIENCE_US   30e6 /* for a greeting */
#define CONNECT_TRIES 600
#define PERSON_MAX    512u

struct door {
	int feed, screen, disk;
	char message[MESSAGE_MAX + 1];
	char greeted[4096]; /* the last greeting, so that its repetition each minute is no second one */
	struct rc_qr_reader *reader;
};

struct person {
	uint8_t *pixels;
	int picture; /* the same as a file, for the feed */
};

static struct sockaddr_un address_of(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (!rc_text_copy(path, address.sun_path, sizeof(address.sun_path)))
		bench_die("%s: too long for a socket", path);
	return address;
}

static int wait_for_kiosk(const char *path)
{
	const struct sockaddr_un address = address_of(path);
	const int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct pollfd news = {.fd = listener, .events = POLLIN};
	int fd = -1;

	(void)unlink(path);
	if (listener < 0 || bind(listener, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(listener, 1) != 0)
		bench_die("%s: %s", path, strerror(errno));
	if (poll(&news, 1, 60000) == 1)
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		bench_die("the kiosk doesn't look through its camera");
	(void)close(listener);
	return fd;
}

static int connect_screen(const char *path)
{
	const struct sockaddr_un address = address_of(path);

	for (int i = 0; i < CONNECT_TRIES; i++) {
		const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
			return fd;
		(void)close(fd);
		(void)usleep(100000);
	}
	bench_die("%s: no daemon is there", path);
}

/* ---- what the screen is told ---- */

static void read_all(int fd, void *to, size_t size)
{
	for (size_t got = 0; got < size;) {
		const ssize_t more = recv(fd, (char *)to + got, size - got, 0);

		if (more <= 0)
			bench_die("the daemon has hung up");
		got += (size_t)more;
	}
}

static bool read_message(struct door *door, double until_us)
{
	struct pollfd news = {.fd = door->screen, .events = POLLIN};
	const double left_us = until_us - bench_now_us();
	uint32_t size;

	if (poll(&news, 1, left_us > 0 ? (int)(left_us / 1000) + 1 : 0) != 1)
		return false;
	read_all(door->screen, &size, sizeof(size));
	if (size > MESSAGE_MAX)
		bench_die("a view of %u bytes", size);
	read_all(door->screen, door->message, size);
	door->message[size] = '\0';
	return true;
}

/* True if the message is a greeting that wasn't there before. */
static bool is_new_greeting(struct door *door)
{
	json_t *view = json_loads(door->message, 0, NULL);
	const char *screen = json_string_value(json_object_get(view, "screen"));
	char *main = json_dumps(json_object_get(view, "main"), JSON_SORT_KEYS | JSON_COMPACT);
	const bool is_new =
	    screen && main && strcmp(screen, "greeting") == 0 && strcmp(main, door->greeted) != 0;

	if (is_new)
		(void)snprintf(door->greeted, sizeof(door->greeted), "%s", main);
	free(main);
	json_decref(view);
	return is_new;
}

/* When the next greeting came, or 0 if none came in time. */
static double await_greeting(struct door *door, double until_us)
{
	while (read_message(door, until_us)) {
		const double came_us = bench_now_us();

		if (is_new_greeting(door))
			return came_us;
	}
	return 0;
}

/* ---- what the camera sees ---- */

static int picture_of(const uint8_t *pixels)
{
	char head[32];
	const int size = snprintf(head, sizeof(head), "P5\n%u %u\n255\n", WIDTH, HEIGHT);
	const int fd = memfd_create("frame", MFD_CLOEXEC);

	if (fd < 0 || write(fd, head, (size_t)size) != size ||
	    write(fd, pixels, WIDTH * HEIGHT) != (ssize_t)(WIDTH * HEIGHT))
		bench_die("no memory for a picture");
	return fd;
}

static struct person draw(const char *payload, uint64_t seed)
{
	const struct rc_badge_view view = {
	    .width = WIDTH, .height = HEIGHT, .seed = seed, .difficulty = RC_BADGE_PLAIN, .nearness = 1};
	struct person person = {.pixels = malloc(WIDTH * HEIGHT)};
	struct rc_badge_card card;
	struct rc_qr qr;
	struct rc_error err;

	bench_expect(rc_qr_encode(rc_bytes_of_text(payload), RC_QR_QUARTILE, &qr, &err), &err, payload);
	bench_expect(rc_badge_card_of_qr(&qr, &card, &err), &err, "a card");
	bench_expect(person.pixels ? rc_badge_view_draw(&card, &view, person.pixels) : RC_ENOMEM,
		     NULL, "drawing");
	free(card.pixels);
	person.picture = picture_of(person.pixels);
	return person;
}

static void person_deinit(struct person *person)
{
	(void)close(person->picture);
	free(person->pixels);
}

static void show(struct door *door, const struct person *person)
{
	const enum rc_status status = rc_feed_send(door->feed, person->picture, NULL);

	if (status != RC_OK && status != RC_EBUSY)
		bench_die("the scanner has gone");
}

/* ---- measuring ---- */

static double yardstick(struct door *door, const struct person *person)
{
	static struct rc_qr_finds finds;
	static const char fact[FACT_BYTES];
	const struct rc_frame frame = {.pixels = person->pixels, .width = WIDTH, .height = HEIGHT};
	const double began_us = bench_now_us();
	struct rc_error err;

	bench_expect(rc_qr_reader_read(door->reader, &frame, &finds, &err), &err, "reading");
	if (finds.count != 1)
		bench_die("%zu codes in a picture of one", finds.count);
	if (pwrite(door->disk, fact, sizeof(fact), 0) != (ssize_t)sizeof(fact) ||
	    fdatasync(door->disk) != 0)
		bench_die("writing failed");
	return bench_now_us() - began_us;
}

/* One after the other as soon as each is greeted. */
static void measure_one_by_one(struct door *door, const struct person *people, size_t count)
{
	struct bench_samples ours = {0}, floor = {0};

	for (size_t i = 0; i < count; i++) {
		const double shown_us = bench_now_us();
		double came_us;

		show(door, &people[i]);
		came_us = await_greeting(door, shown_us + PATIENCE_US);
		if (came_us == 0)
			bench_die("person %zu was never greeted", i);
		bench_samples_add(&ours, (came_us - shown_us) / 1000);
		bench_samples_add(&floor, yardstick(door, &people[i]) / 1000);
	}
	bench_row(&(struct bench_row){SECTION, "frame to greeting, median", "ms",
				      bench_median(&ours), "read + one fdatasync",
				      bench_median(&floor), BENCH_RATIO_AT_MOST, 2});
	bench_row(&(struct bench_row){SECTION, "frame to greeting, median, at most", "ms",
				      bench_median(&ours), NULL, 0, BENCH_VALUE_AT_MOST, 10});
	bench_row(&(struct bench_row){SECTION, "frame to greeting, p99", "ms",
				      bench_quantile(&ours, 0.99), "read + one fdatasync",
				      bench_quantile(&floor, 0.99), BENCH_NO_GOAL, 0});
	bench_samples_deinit(&ours);
	bench_samples_deinit(&floor);
}

/* A queue before a camera of 30 frames a second; who is greeted makes room for the next. */
static void measure_queue(struct door *door, const struct person *people, size_t count)
{
	const double began_us = bench_now_us();
	double next_us = began_us;
	size_t greeted = 0;

	for (size_t i = 0; i < count; i++) {
		const double until_us = bench_now_us() + PATIENCE_US;
		double came_us = 0;

		while (came_us == 0 && bench_now_us() < until_us) {
			show(door, &people[i]);
			next_us += FRAME_US;
			came_us = await_greeting(door, next_us);
		}
		greeted += came_us > 0;
	}
	bench_row(&(struct bench_row){SECTION, "people a minute in a queue", "1/min",
				      (double)greeted * 60e6 / (bench_now_us() - began_us), NULL, 0,
				      BENCH_VALUE_AT_LEAST, 120});
	bench_row(&(struct bench_row){SECTION, "people missed in the queue", "",
				      (double)(count - greeted), NULL, 0, BENCH_VALUE_EXACTLY, 0});
}

static size_t draw_all(struct person *people)
{
	char line[256];
	size_t count = 0;

	while (count < PERSON_MAX && fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		people[count] = draw(line, count + 1);
		count++;
	}
	return count;
}

int main(int count, char **arguments)
{
	static struct door door;
	static struct person people[PERSON_MAX];
	size_t people_count, queue;

	if (count != 5) {
		(void)fprintf(stderr, "rollcall-bench-door FEED-SOCKET SCREEN-SOCKET FILE QUEUE\n"
				      "  badges' payloads on stdin, a line each; the last QUEUE of "
				      "them stand in a queue\n");
		return 2;
	}
	queue = strtoul(arguments[4], NULL, 10);
	people_count = draw_all(people);
	if (people_count <= queue)
		bench_die("%zu people, %zu of them in the queue", people_count, queue);
	door.reader = rc_qr_reader_new();
	door.disk = open(arguments[3], O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	if (!door.reader || door.disk < 0)
		bench_die("no reader, or no file at %s", arguments[3]);
	door.feed = wait_for_kiosk(arguments[1]);
	door.screen = connect_screen(arguments[2]);
	(void)yardstick(&door, &people[0]); /* the file has its block, the reader its memory */
	measure_one_by_one(&door, people, people_count - queue);
	measure_queue(&door, people + people_count - queue, queue);
	for (size_t i = 0; i < people_count; i++)
		person_deinit(&people[i]);
	rc_qr_reader_free(door.reader);
	return 0;
}
