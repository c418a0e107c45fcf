#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The drill: a server is lost, comes back from a backup, and is filled again by its kiosks; all with the real programs."""

import json
import os
import shutil
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../kiosk"))

import tap_unittest  # noqa: E402
import unittest  # noqa: E402
from door import ELSEWHERE, HERE, OTHER_ROOM, OUT_OF_VIEW_S, PATIENCE_S, Company, Door, wait_until  # noqa: E402

BACKLOG, PRUNED = 300, 200


class Drill(unittest.TestCase):
    def setUp(self):
        self.company = Company()
        self.addCleanup(self.company.close)
        self.door = Door(self.company).open()
        self.addCleanup(self.door.close)
        self.server = self.company.server
        self.passphrase = self.company.stage.path("passphrase")
        with open(self.passphrase, "w", encoding="ascii") as out:
            out.write("correct horse battery staple\n")
        os.chmod(self.passphrase, 0o600)
        self.backup = self.company.stage.path("server.rollcall")
        self.kiosk = self.door.id()

    # ---- steps

    def sign_in(self, count):
        people = [self.company.person() for _ in range(count)]
        for number in people:
            self.assertEqual("signed_in", self.door.hold_up(number)["verdict"])
        self.door.wait_sent()
        wait_until(lambda: all(self.company.arrivals(n) == 1 for n in people), "the server has them", PATIENCE_S)
        return people

    def make_backup(self):
        self.server.command("backup", "--out", self.backup, "--with-secrets", "--passphrase-file", self.passphrase)

    def lose_server(self):
        self.server.stop(signal.SIGKILL)
        shutil.rmtree(self.server.folder)

    def restore(self):
        said = self.server.command("restore", "--from", self.backup, "--passphrase-file", self.passphrase)
        self.assertIn("send", said)
        return said

    def records(self):
        """Everything that follows from facts, without the order in which it came."""
        return (self.company.query("SELECT session, ref, state, late_min, first_in_ms, is_walk_in FROM attendance ORDER BY session, ref"),
                self.company.query("SELECT session, ref, kind, hex(fact_hash), seq FROM attendance_event ORDER BY fact_hash"))

    def facts(self, branch=0):
        return self.company.query("SELECT epoch, seq, hex(hash) FROM fact WHERE kiosk = ? AND branch = ? ORDER BY epoch, seq",
                                  self.kiosk, branch)

    def through(self):
        return self.company.query("SELECT max(through) FROM kiosk_mark WHERE kiosk = ?", self.kiosk)[0][0]

    def inbox(self, kind):
        return [(json.loads(detail), count) for detail, count in self.company.query(
            "SELECT detail, count FROM inbox WHERE kind = ? AND settled_ms IS NULL", kind)]

    def wait_refilled(self, facts):
        wait_until(lambda: set(facts) <= set(self.facts()), "the server has every fact again", 3 * PATIENCE_S)

    # ---- S8

    def test_a_server_restored_from_a_backup_gets_every_fact_again_and_once(self):
        before = self.sign_in(2)
        epoch = self.server.epoch()
        self.make_backup()
        after = self.sign_in(3)
        facts, records = self.facts(), self.records()
        self.lose_server()
        self.restore()
        self.assertNotEqual(epoch, self.server.epoch())
        self.assertEqual([0, 0, 0], [self.company.arrivals(n) for n in after])  # not in the backup
        self.server.start()
        self.wait_refilled(facts)
        self.assertEqual([1] * 5, [self.company.arrivals(n) for n in before + after])
        self.assertEqual(records, self.records())
        self.assertEqual([], self.facts(branch=1))
        self.assertEqual({"present"}, {self.company.state_of(n) for n in before + after})
        # The kiosk goes on where it was, with the reference of the server as it is now.
        wait_until(lambda: self.door.kiosk.status()["connected"], "the kiosk is connected", PATIENCE_S)
        self.sign_in(1)
        self.assertEqual([], self.inbox("facts.lost"))
        self.assertEqual([("restored", 1)], [(detail["reason"], count) for detail, count in self.inbox("server.restored")])
        self.server.command("verify")

    def test_a_restored_server_sends_the_kiosk_its_whole_reference_anew(self):
        self.sign_in(1)
        self.make_backup()
        number = self.company.person()
        frames = self.company.frames_of(number)
        roster_n = self.roster_n()
        self.server.command("badge", "revoke", number)  # forgotten with the server
        wait_until(lambda: self.roster_n() > roster_n, "the kiosk knows of it", 3 * PATIENCE_S)
        self.assertEqual("revoked", self.door.hold_up_pictures(frames, number)["verdict"])
        self.door.wait_sent()
        roster_n = self.roster_n()
        self.lose_server()
        self.restore()
        self.server.start()
        wait_until(lambda: self.roster_n() < roster_n, "the kiosk has taken the snapshot", 3 * PATIENCE_S)
        self.door.show_nobody(OUT_OF_VIEW_S)
        self.assertEqual("signed_in", self.door.hold_up_pictures(frames, number)["verdict"])

    def roster_n(self):
        return self.door.kiosk.status()["roster_n"]

    # ---- S9

    def test_what_the_kiosk_had_pruned_already_is_named_exactly(self):
        before = self.sign_in(1)
        self.make_backup()
        mark = self.through()
        after = self.sign_in(1)
        self.door.kiosk.stop()
        self.door.stage.run("rollcall-journal-fill", self.door.kiosk.data, self.kiosk, str(BACKLOG))
        self.door.kiosk.start()
        self.door.wait_sent(3 * PATIENCE_S)
        self.door.kiosk.stop()
        removed = int(self.door.stage.run("rollcall-journal-prune", self.door.kiosk.data, self.kiosk, str(mark + PRUNED)))
        self.assertEqual(mark + PRUNED, removed)
        retained = [fact for fact in self.facts() if fact[1] > removed]
        epoch = retained[0][0]
        self.lose_server()
        self.restore()
        self.server.start()
        self.door.kiosk.start()
        self.wait_refilled(retained)
        lost = wait_until(lambda: self.inbox("facts.lost"), "the operator is told", PATIENCE_S)
        self.assertEqual([({"epoch": epoch, "from": mark + 1, "to": removed, "reason": "pruned"}, removed - mark)], lost)
        self.assertEqual([(epoch, mark + 1, removed)], self.company.query(
            "SELECT epoch, from_seq, to_seq FROM kiosk_lost WHERE kiosk = ?", self.kiosk))
        seqs = [seq for e, seq, _ in self.facts() if e == epoch]
        self.assertEqual([seq for _, seq, _ in retained], [seq for seq in seqs if mark < seq <= retained[-1][1]])
        self.assertEqual([], self.facts(branch=1))
        self.assertEqual([1, 0], [self.company.arrivals(n) for n in before + after])
        self.sign_in(1)
        self.server.command("verify", ok=(0, 1))

    # ---- kiosks that came after the backup

    def test_a_kiosk_that_came_after_the_backup_is_quarantined_until_a_nod_and_goes_on_with_its_certificate(self):
        before, after, later = (self.company.person(ELSEWHERE) for _ in range(3))
        for number in (before, after, later):
            self.company.frames_of(number)  # the badges are in the backup
        self.make_backup()
        late = Door(self.company, OTHER_ROOM).open()
        self.addCleanup(late.close)
        kiosk = late.id()
        self.assertEqual("signed_in", late.hold_up(before)["verdict"])
        late.wait_sent()
        self.lose_server()
        self.restore()
        self.server.start()

        def waiting():
            return self.company.query("SELECT count(*) FROM fact WHERE kiosk = ? AND is_quarantined = 1", kiosk)[0][0]

        wait_until(lambda: waiting() > 0 and late.waiting() == 0, "its facts are there, in quarantine", 3 * PATIENCE_S)
        self.assertEqual(1, len(self.inbox("kiosk.unknown")))
        self.assertEqual(0, self.company.arrivals(before))
        # People sign in there as ever, and it sends nothing twice.
        self.assertEqual("signed_in", late.hold_up(after)["verdict"])
        late.wait_sent()
        self.assertEqual([], self.company.query("SELECT 1 FROM fact WHERE kiosk = ? AND branch > 0", kiosk))
        self.assertEqual(0, self.company.arrivals(after))
        self.server.command("quarantine", "release", kiosk, "--trust", ok=(2,))
        self.server.command("quarantine", "release", kiosk, "--trust", "--room", OTHER_ROOM)
        self.assertEqual([1, 1], [self.company.arrivals(n) for n in (before, after)])
        self.assertEqual(0, waiting())
        self.assertEqual([], self.inbox("kiosk.unknown"))
        # From now on it is a kiosk like any other: its facts count at once, and the server's reference comes down.
        self.assertEqual("signed_in", late.hold_up(later)["verdict"])
        wait_until(lambda: self.company.arrivals(later) == 1, "its next fact counts at once", 3 * PATIENCE_S)
        wait_until(lambda: late.kiosk.status()["connected"], "the kiosk is connected", 3 * PATIENCE_S)
        self.server.command("verify")

    # ---- nobody ran restore

    def test_an_older_database_put_in_place_by_hand_is_noticed_by_the_first_kiosk(self):
        self.sign_in(1)
        copy = self.company.stage.path("copy")
        self.server.stop()
        shutil.copytree(self.server.folder, copy)
        self.server.start()
        epoch = self.server.epoch()
        head = self.company.query("SELECT n FROM log_head WHERE log = 'change'")[0][0]
        after = self.sign_in(2)  # with their presence, so that the log of changes has grown, too
        wait_until(lambda: self.roster_n() > head, "the kiosk has heard of that", 3 * PATIENCE_S)
        facts, records = self.facts(), self.records()
        self.lose_server()
        shutil.copytree(copy, self.server.folder)
        self.server.start()
        wait_until(lambda: self.server.epoch() != epoch, "the server has a new epoch by itself", 3 * PATIENCE_S)
        self.wait_refilled(facts)
        self.assertEqual(records, self.records())
        self.assertEqual([1, 1], [self.company.arrivals(n) for n in after])
        self.assertEqual([("kiosk_ahead", 1)], [(detail["reason"], count) for detail, count in self.inbox("server.restored")])
        self.assertEqual([(self.kiosk,)], self.company.query("SELECT kiosk FROM inbox WHERE kind = 'server.restored'"))
        renewed = self.server.epoch()
        self.sign_in(1)
        self.assertEqual(renewed, self.server.epoch())  # once is enough
        self.assertEqual("present", self.company.state_of(after[0], HERE))


if __name__ == "__main__":
    tap_unittest.main()
