# SPDX-License-Identifier: Apache-2.0
"""Files that somebody has damaged, replaced or opened to others, and disks that take nothing more."""

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import unittest

import tap_unittest
from ground import NDJSON, Chain, Company, Identity, Kiosk, ask, wait_until
from processes import program

FACTS = "/v1/kiosk/facts"


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.company = Company()
        cls.data = cls.company.enrol("kiosk")
        cls.identity = Identity(cls.company, cls.company.enrol("other"))
        cls.count = 0

    @classmethod
    def tearDownClass(cls):
        cls.company.close()

    def fresh(self, source, part):
        """A copy of a folder, for this test alone."""
        type(self).count += 1
        return shutil.copytree(source, self.company.stage.path(f"copy{self.count}", part))

    def refusal(self, *command, as_nobody=False):
        """Runs a program that must not start; its exit status and what it says."""
        prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if as_nobody else []
        done = subprocess.run([*prefix, program(command[0]), *command[1:]], capture_output=True, text=True, timeout=20, check=False)
        return done.returncode, done.stderr

    # ---- the kiosk's ----

    def kiosk_refuses(self, damage):
        data = self.fresh(self.data, "data")
        damage(data + "/identity")
        before = sorted(os.listdir(data))
        status, said = self.refusal("rollcall-kiosk", "--data", data, "--run", data + "-run", "run")
        self.assertEqual(status, 3, said)
        self.assertEqual(sorted(set(os.listdir(data)) - set(before) - {"journal", "roster", "kiosk.lock"}), [])
        return said

    def test_an_identity_that_is_damaged_is_refused_by_the_name_of_its_file(self):
        for name in ("identity.json", "key.pem", "certificate.der", "ca.pem"):
            for how, damage in (("gone", lambda p: os.unlink(p)), ("noise", lambda p: open(p, "wb").write(os.urandom(500))),
                                ("a link", lambda p: (os.rename(p, p + ".x"), os.symlink(p + ".x", p))),
                                ("a pipe", lambda p: (os.unlink(p), os.mkfifo(p, 0o600)))):
                with self.subTest(name, how=how):
                    said = self.kiosk_refuses(lambda folder, damage=damage, name=name: damage(f"{folder}/{name}"))
                    self.assertIn("identity", said)

    def test_a_key_that_others_can_read_is_refused(self):
        self.assertIn("key.pem can be read by others", self.kiosk_refuses(lambda folder: os.chmod(folder + "/key.pem", 0o640)))

    def test_a_key_of_another_kiosk_is_refused(self):
        self.assertIn("belongs to another", self.kiosk_refuses(lambda folder: shutil.copy(self.identity.key, folder + "/key.pem")))

    def test_a_code_is_not_spent_where_its_certificate_could_not_be_kept(self):
        code = self.company.server.enrolment_code("3F-302")
        # A folder below a file can't be made, not even by root.
        blocked = self.company.stage.path("blocked")
        open(blocked, "w", encoding="ascii").close()
        status, said = self.refusal("rollcall-kiosk", "--data", blocked + "/data", "--run", blocked, "enrol", code)
        self.assertNotEqual(status, 0, said)
        fresh = self.company.stage.path("not-there-yet")
        self.company.stage.run("rollcall-kiosk", "--data", fresh, "--run", fresh + "-run", "enrol", code)
        self.assertEqual(os.stat(fresh).st_mode & 0o777, 0o700)

    def test_a_roster_that_is_damaged_is_dropped_and_fetched_again(self):
        kiosk = Kiosk(self.company.stage)
        try:
            kiosk.start()
            wait_until(lambda: kiosk.screen.view()["header"]["session"], "the roster has come down")
            kiosk.stop()
            roster = kiosk.data + "/roster/"

            def overwrite():
                name = next(n for n in os.listdir(roster) if n.endswith(".db"))
                for end in ("-wal", "-shm"):
                    if os.path.exists(roster + name + end):
                        os.unlink(roster + name + end)
                with open(roster + name, "r+b") as file:
                    file.seek(60)
                    file.write(os.urandom(9000))

            def point_elsewhere():
                with open(roster + "current", "w", encoding="ascii") as out:
                    out.write("../../../../etc/passwd\n")

            def link():
                os.unlink(roster + "current")
                os.symlink("/etc/passwd", roster + "current")

            for damage in (overwrite, point_elsewhere, link):
                with self.subTest(damage.__name__):
                    damage()
                    kiosk.start()
                    seen = len(kiosk.screen.views)
                    wait_until(lambda: any(v["header"]["session"] for v in list(kiosk.screen.views)[seen:]), "the roster is there again")
                    kiosk.stop()
                    self.assertFalse(os.path.islink(roster + "current"))
        finally:
            kiosk.close()

    # ---- the server's ----

    def server_refuses(self, folder, **options):
        status, said = self.refusal("rollcall-server", "--dir", folder, "serve", "--device", "127.0.0.1:0", "--people", "127.0.0.1:0",
                                    **options)
        self.assertIn(status, (3, 4), said)
        return said

    def copy_of_server(self):
        """The database as one file, and the secrets."""
        folder = self.fresh(self.company.server.folder + "/secrets", "server/secrets")[:-len("/secrets")]
        os.chmod(folder, 0o700)
        with sqlite3.connect(self.company.server.folder + "/rollcall.db") as db:
            db.execute("VACUUM INTO ?", (folder + "/rollcall.db",))
        os.chmod(folder + "/rollcall.db", 0o600)
        return folder

    def test_secrets_that_are_gone_damaged_linked_or_open_to_others_are_refused(self):
        for name in ("ca.key", "ca.der", "seal.key", "secrets.key"):
            for how, damage in (("gone", lambda p: os.unlink(p)), ("empty", lambda p: open(p, "w").close()),
                                ("a link", lambda p: (os.rename(p, p + ".x"), os.symlink(p + ".x", p))),
                                ("open", lambda p: os.chmod(p, 0o644))):
                if (name, how) in (("ca.der", "open"), ("seal.key", "gone")):
                    continue  # that one is for everybody; this one is made anew
                with self.subTest(name, how=how):
                    folder = self.copy_of_server()
                    damage(f"{folder}/secrets/{name}")
                    said = self.server_refuses(folder)
                    self.assertIn("secrets", said)

    def test_a_database_that_is_damaged_is_refused_and_left_as_it_is(self):
        for name, bytes_ in (("noise", os.urandom(8192)), ("zeros", bytes(8192)), ("empty", b"")):
            with self.subTest(name):
                folder = self.copy_of_server()
                with open(folder + "/rollcall.db", "r+b") as file:
                    file.truncate(0 if not bytes_ else None)
                    file.write(bytes_)
                self.server_refuses(folder)
        folder = self.copy_of_server()
        os.unlink(folder + "/rollcall.db")
        os.symlink("/etc/passwd", folder + "/rollcall.db")
        before = os.stat("/etc/passwd").st_mtime_ns
        self.server_refuses(folder)
        self.assertEqual(os.stat("/etc/passwd").st_mtime_ns, before)

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_a_folder_that_can_not_be_written_is_refused(self):
        folder = self.copy_of_server()
        for parent in (self.company.folder, os.path.dirname(folder)):
            os.chmod(parent, 0o755)
        for root, folders, files in os.walk(folder):
            for name in (*folders, *files):
                os.chown(os.path.join(root, name), 65534, 65534)
        os.chown(folder, 65534, 65534)
        os.chmod(folder, 0o500)
        self.assertIn(folder, self.server_refuses(folder, as_nobody=True))

    def test_a_server_whose_disk_is_full_says_503_and_recovers_by_itself(self):
        server, chain = self.company.server, Chain(self.identity.kiosk)

        def send(begin, lines):
            with self.identity.connect() as stream:
                return ask(stream, "POST", FACTS, NDJSON, chain.upload(begin, lines))

        def limit(bytes_):
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (bytes_, resource.RLIM_INFINITY))

        self.assertEqual(send(1, [chain.fact()]).status, 200)
        lines = [chain.fact() for _ in range(300)]
        limit(4096)  # no file grows or changes beyond its first page
        try:
            refused = send(2, lines)
        finally:
            limit(resource.RLIM_INFINITY)
        self.assertEqual((refused.status, refused.headers.get("retry-after") is not None), (503, True))
        self.assertEqual(self.company.rows("SELECT count(*) FROM fact WHERE epoch = ?", chain.epoch), [(1,)])
        answer = send(2, lines)
        self.assertEqual((answer.status, json.loads(answer.body)["through"]), (200, 301))
        self.assertIsNone(server.process.poll())


if __name__ == "__main__":
    tap_unittest.main()
