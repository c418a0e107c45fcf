/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/faults/campaign.h"
#include "tests/faults/kiosk_journal.h"
#include "tests/faults/random.h"
#include "tests/sim/power/power.h"

#define WORK_MAX 40

static void work(struct kiosk_journal *kiosk, uint64_t *random)
{
	for (long left = random_below(random, WORK_MAX); left > 0 && !rc_power_is_cut(); left--) {
		/* Every second one is a sign-in. */
		const long chosen = random_below(random, 2 * KIOSK_WORKS);

		(void)!kiosk_do(kiosk, chosen < KIOSK_WORKS ? (enum kiosk_work)chosen : KIOSK_SIGN_IN);
	}
}

/* Takes the power away for good and gives it back. */
static void restart(struct kiosk_journal *kiosk, uint64_t *random)
{
	const enum rc_power_loss loss = random_below(random, 2) ? RC_POWER_TORN : RC_POWER_DROPPED;

	rc_power_cut_at(1); /* closing doesn't help either */
	kiosk_close(kiosk);
	rc_power_restore(loss, (uint32_t)random_next(random));
}

static struct campaign_run run(uint64_t seed, bool is_unsynced)
{
	struct kiosk_journal kiosk;
	struct campaign_run done = {.was_cut = false};
	uint64_t random = seed;

	rc_power_install();
	kiosk_make(&kiosk, RC_POWER_VFS);
	kiosk.options.is_unsynced = is_unsynced;
	kiosk.options.wal_bytes = random_below(&random, 2) ? 32 * 1024 : 64 * 1024;
	if (random_below(&random, 4) == 0) /* at the first boot; later it would fall after all the work */
		rc_power_cut_at(1 + random_below(&random, 300));
	if (kiosk_open(&kiosk) == RC_OK) {
		if (!rc_power_is_cut() && random_below(&random, 2))
			(void)!kiosk_prepare(&kiosk);
		if (!rc_power_is_cut())
			rc_power_cut_at(1 + random_below(&random, 120));
		work(&kiosk, &random);
	}
	done.was_cut = rc_power_is_cut();
	restart(&kiosk, &random);
	if (random_below(&random, 2)) { /* again, while it comes up */
		rc_power_cut_at(1 + random_below(&random, 12));
		if (kiosk_open(&kiosk) == RC_OK)
			work(&kiosk, &random);
		restart(&kiosk, &random);
	}
	done.is_kept = kiosk_holds(&kiosk, &done.why);
	kiosk_remove(&kiosk);
	return done;
}

struct campaign_run campaign_journal(uint64_t seed)
{
	return run(seed, false);
}

struct campaign_run campaign_journal_unsynced(uint64_t seed)
{
	return run(seed, true);
}
