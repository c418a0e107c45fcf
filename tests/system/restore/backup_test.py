#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Backups as an operator makes, checks and restores them, beside a server that runs, and with everything that can be wrong with one."""

import json
import os
import pty
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../server"))
sys.path.insert(0, os.path.join(HERE, "../../sim/rig"))

import tap_unittest  # noqa: E402
from company_site import Server  # noqa: E402
from hand_made_kiosk import Code, Kiosk  # noqa: E402
from processes import Stage, program  # noqa: E402
from small_office import SmallOffice  # noqa: E402

WORDS = "correct horse battery staple"


class BackupTest(SmallOffice):
    staff = 60

    def setUp(self):
        super().setUp()
        self.words = self.secret("words", WORDS + "\n")
        self.file = self.stage.path("b.rollcall")

    def secret(self, name, text):
        path = self.stage.path(name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(path, 0o600)
        return path

    def run_server(self, *arguments, language="C.UTF-8", **more):
        return subprocess.run([program("rollcall-server"), *arguments], capture_output=True, text=True, timeout=120,
                              env=dict(os.environ, LC_ALL=language), stdin=more.pop("stdin", subprocess.DEVNULL), check=False, **more)

    def backup(self, *more):
        return self.server.command("backup", "--out", self.file, *more)

    def sealed(self):
        return self.backup("--with-secrets", "--passphrase-file", self.words)

    def check(self, file=None, *more):
        return self.run_server("backup", "--check", file or self.file, *more)

    def restore(self, folder, *more, file=None):
        return self.run_server("restore", "--from", file or self.file, "--dir", folder, *more)


class Making(BackupTest):
    def test_a_backup_is_a_tar_archive_that_other_tools_can_take_apart(self):
        self.sealed()
        self.assertEqual(0o600, stat.S_IMODE(os.stat(self.file).st_mode))
        out = self.stage.path("out")
        os.makedirs(out)
        subprocess.run(["tar", "-xf", self.file, "-C", out], check=True)
        self.assertEqual({"manifest.json", "rollcall.db", "secrets.sealed", "SHA256SUMS"}, set(os.listdir(out)))
        subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=out, check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(out, "manifest.json"), encoding="utf-8") as text:
            manifest = json.load(text)
        self.assertEqual((1, 60, self.server.epoch()), (manifest["rollcall_backup"], manifest["rows"]["person"], manifest["server_epoch"]))
        with sqlite3.connect(os.path.join(out, "rollcall.db")) as db:
            self.assertEqual(60, db.execute("SELECT count(*) FROM person").fetchone()[0])
        with open(os.path.join(self.server.folder, "secrets", "ca.key"), "rb") as key, open(self.file, "rb") as whole:
            self.assertNotIn(key.read()[40:80], whole.read())

    def test_a_backup_beside_a_busy_server_is_one_moment_and_holds_nobody_up(self):
        self.server.start()
        folder = self.stage.path("kiosk")
        os.makedirs(folder)
        code = Code(self.server.enrolment_code("3F-305"))
        kiosk = Kiosk(folder, code)
        kiosk.fetch_ca()
        self.assertEqual(200, kiosk.enrol(kiosk.make_request())[0])
        statuses, stop = [], threading.Event()

        def upload():
            connection = kiosk.connect()
            while not stop.is_set():
                first = kiosk.seq + 1
                lines = [kiosk.fact("device.changed", {"device": "camera", "state": "restarted"}) for _ in range(20)]
                statuses.append(kiosk.upload(lines, first, connection)[0])
            connection.close()

        thread = threading.Thread(target=upload)
        thread.start()
        try:
            counts = []
            for _ in range(5):
                self.backup()
                counts.append(self.count_facts())
                self.assertEqual(0, self.check().returncode)
        finally:
            stop.set()
            thread.join()
        self.assertEqual({200}, set(statuses))
        self.assertEqual(counts, sorted(counts))
        self.assertTrue(all(count % 20 == 0 for count in counts), counts)  # an upload is there whole or not at all
        self.assertGreater(len(statuses), 0)

    def count_facts(self):
        with tarfile.open(self.file) as tar:
            return json.load(tar.extractfile("manifest.json"))["rows"]["fact"]

    def test_without_secrets_it_says_what_a_restore_needs(self):
        said = self.backup()
        self.assertIn(self.server.folder + "/secrets", said)
        folder = self.stage.path("new")
        done = self.restore(folder)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn(folder + "/secrets", done.stdout)
        self.assertEqual(3, self.run_server("kiosk", "list", "--dir", folder).returncode)
        shutil.copytree(os.path.join(self.server.folder, "secrets"), os.path.join(folder, "secrets"))
        self.assertEqual(0, self.run_server("kiosk", "list", "--dir", folder).returncode)

    def test_an_older_backup_is_replaced_only_by_a_whole_one(self):
        self.backup()
        with open(self.file, "rb") as whole:
            before = whole.read()
        done = self.run_server("backup", "--dir", self.stage.path("nowhere"), "--out", self.file)
        self.assertEqual(3, done.returncode)
        done = self.run_server("backup", "--dir", self.server.folder, "--out", self.file, "--with-secrets", "--passphrase-file",
                               self.secret("short", "short\n"))
        self.assertEqual(2, done.returncode, done.stderr)
        with open(self.file, "rb") as whole:
            self.assertEqual(before, whole.read())
        self.assertEqual([], [n for n in os.listdir(self.stage.folder) if n.startswith("b.rollcall.")])
        self.backup()
        self.assertEqual(0, self.check().returncode)

    def test_a_damaged_database_makes_no_backup(self):
        path = os.path.join(self.server.folder, "rollcall.db")
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with open(path, "r+b") as out:
            out.seek(4096 * 3 + 8)
            out.write(b"\x5a" * 3000)
        done = self.run_server("backup", "--dir", self.server.folder, "--out", self.file)
        self.assertEqual(1, done.returncode, done.stderr)
        self.assertFalse(os.path.exists(self.file))

    def test_the_passphrase_is_never_an_argument_and_a_file_that_others_can_read_is_refused(self):
        os.chmod(self.words, 0o644)
        done = self.run_server("backup", "--dir", self.server.folder, "--out", self.file, "--with-secrets", "--passphrase-file", self.words)
        self.assertEqual(1, done.returncode)
        self.assertIn("chmod 600", done.stderr)
        done = self.run_server("backup", "--dir", self.server.folder, "--out", self.file, "--with-secrets", start_new_session=True)
        self.assertEqual(2, done.returncode)
        self.assertIn("--passphrase-file", done.stderr)

    def type_in(self, *words):
        """What somebody at a terminal types, and how the program ends."""
        child, terminal = pty.fork()
        if child == 0:
            os.execv(program("rollcall-server"), ["rollcall-server", "backup", "--dir", self.server.folder, "--out", self.file,
                                                  "--with-secrets"])
        shown = b""
        try:
            for line in words:
                while not shown.endswith(b": "):
                    shown += os.read(terminal, 1024)
                os.write(terminal, line.encode() + b"\n")
                shown += os.read(terminal, 1024)
            while True:
                shown += os.read(terminal, 4096)
        except OSError:
            pass  # the other end is gone
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode(errors="replace")

    def test_on_a_terminal_the_passphrase_is_asked_for_twice_and_never_shown(self):
        status, shown = self.type_in(WORDS, WORDS)
        self.assertEqual(0, status, shown)
        self.assertNotIn("horse", shown)
        self.assertEqual(0, self.check(self.file, "--passphrase-file", self.words).returncode)
        os.unlink(self.file)
        status, shown = self.type_in(WORDS, WORDS + "r")
        self.assertEqual(2, status, shown)
        self.assertFalse(os.path.exists(self.file))


class Checking(BackupTest):
    def test_any_damage_is_found(self):
        self.sealed()
        with open(self.file, "rb") as whole:
            good = bytearray(whole.read())
        bad = self.stage.path("bad.rollcall")
        places = list(range(0, 512, 37)) + [600, 1200, 5000, len(good) // 2, len(good) - 1, len(good) - 1025]
        places += [i * len(good) // 23 for i in range(1, 23)]
        with tarfile.open(self.file) as tar:
            for member in tar.getmembers():
                places += [member.offset, member.offset + 130, member.offset_data, member.offset_data + member.size - 1]
        for place in sorted(set(places)):
            damaged = bytearray(good)
            damaged[place] ^= 0x10
            self.write(bad, damaged)
            self.assertEqual(1, self.check(bad).returncode, f"a bit at {place}")
        for size in (0, 100, 512, 5000, len(good) // 2, len(good) - 1024, len(good) - 1):
            self.write(bad, good[:size])
            self.assertEqual(1, self.check(bad).returncode, f"cut off at {size}")
        self.write(bad, good + b"\0")
        self.assertEqual(1, self.check(bad).returncode)
        self.write(bad, good)
        self.assertEqual(0, self.check(bad).returncode)
        self.assertEqual([], [n for n in os.listdir(self.stage.folder) if n.endswith(".checking")])

    @staticmethod
    def write(path, data):
        with open(path, "wb") as out:
            out.write(data)

    def test_the_passphrase_is_tried_where_it_is_given(self):
        self.sealed()
        self.assertIn("not tried", self.check().stdout)
        self.assertEqual(0, self.check(self.file, "--passphrase-file", self.words).returncode)
        self.assertEqual(1, self.check(self.file, "--passphrase-file", self.secret("other", "wrong horse battery\n")).returncode)

    def test_it_speaks_chinese_too(self):
        self.sealed()
        done = self.run_server("backup", "--check", self.file, language="zh_CN.UTF-8")
        self.assertIn("备份完整", done.stdout)

    def test_a_file_that_is_no_backup_is_a_finding_and_one_that_is_not_there_the_disks(self):
        self.assertEqual(1, self.check(self.words).returncode)
        self.assertEqual(4, self.check(self.stage.path("none")).returncode)
        self.assertEqual(2, self.run_server("backup").returncode)
        self.assertEqual(2, self.run_server("backup", "--check", self.words, "--out", self.file).returncode)


class Restoring(BackupTest):
    def rewrite(self, change):
        """The same backup with another manifest, its hash put right: what a newer program might have made."""
        out = self.stage.path("other")
        os.makedirs(out)
        subprocess.run(["tar", "-xf", self.file, "-C", out], check=True)
        path = os.path.join(out, "manifest.json")
        with open(path, encoding="utf-8") as text:
            changed = change(text.read())
        with open(path, "w", encoding="utf-8") as text:
            text.write(changed)
        names = ["manifest.json", "rollcall.db"] + (["secrets.sealed"] if os.path.exists(os.path.join(out, "secrets.sealed")) else [])
        sums = subprocess.run(["sha256sum", *names], cwd=out, check=True, capture_output=True, text=True).stdout
        with open(os.path.join(out, "SHA256SUMS"), "w", encoding="utf-8") as text:
            text.write(sums)
        made = self.stage.path("other.rollcall")
        with tarfile.open(made, "w", format=tarfile.USTAR_FORMAT) as tar, tarfile.open(self.file) as old:
            for name in names + ["SHA256SUMS"]:
                info = old.getmember(name)
                info.size = os.path.getsize(os.path.join(out, name))
                with open(os.path.join(out, name), "rb") as content:
                    tar.addfile(info, content)
            end = tar.offset
        os.truncate(made, end + 1024)  # tarfile fills up to 10 KiB
        return made

    def test_a_restored_server_is_the_same_with_a_new_epoch(self):
        self.sealed()
        folder = self.stage.path("new")
        done = self.restore(folder, "--passphrase-file", self.words)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual({"rollcall.db", "secrets"}, set(os.listdir(folder)))
        self.assertEqual(0o700, stat.S_IMODE(os.stat(folder).st_mode))
        for name in os.listdir(os.path.join(self.server.folder, "secrets")):
            with open(os.path.join(self.server.folder, "secrets", name), "rb") as a, open(os.path.join(folder, "secrets", name), "rb") as b:
                self.assertEqual(a.read(), b.read(), name)
        old = self.server.epoch()
        self.server.folder = folder
        self.assertNotEqual(old, self.server.epoch())
        badge = self.stage.path("badge.png")
        self.server.command("badge", "001-01", "--out", badge)  # the secrets are those of the database
        self.server.start()
        self.assertEqual("ok\n", self.server.get("/readyz") if self.server.make_token() else "")

    def test_a_folder_that_holds_anything_is_left_alone(self):
        self.sealed()
        before = sorted(os.listdir(self.server.folder))
        done = self.restore(self.server.folder, "--passphrase-file", self.words)
        self.assertEqual(1, done.returncode)
        self.assertEqual(before, sorted(os.listdir(self.server.folder)))
        other = self.stage.path("full")
        os.makedirs(other)
        self.write(os.path.join(other, "letter.txt"), "dear")
        self.assertEqual(1, self.restore(other, "--passphrase-file", self.words).returncode)
        self.assertEqual(["letter.txt"], os.listdir(other))

    @staticmethod
    def write(path, text):
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)

    def test_what_cannot_be_restored_leaves_nothing_to_serve(self):
        self.sealed()
        folder = self.stage.path("new")
        wrong = self.secret("wrong", "wrong horse battery\n")
        self.assertEqual(1, self.restore(folder, "--passphrase-file", wrong).returncode)
        self.assertEqual([], os.listdir(folder))
        self.assertEqual(2, self.run_server("restore", "--from", self.file, "--dir", folder, start_new_session=True).returncode)
        self.assertEqual([], os.listdir(folder))
        self.assertEqual(3, self.run_server("serve", "--dir", folder).returncode)
        with open(self.file, "r+b") as out:
            out.seek(30000)
            out.write(b"\x5a")
        self.assertEqual(1, self.restore(folder, "--passphrase-file", self.words).returncode)
        self.assertEqual([], os.listdir(folder))

    def test_a_backup_of_a_newer_program_is_refused(self):
        self.backup()
        folder = self.stage.path("new")
        newer = self.rewrite(lambda text: text.replace('"schema":', '"schema":9'))
        done = self.restore(folder, file=newer)
        self.assertEqual(1, done.returncode)
        self.assertIn("newer", done.stderr)
        self.assertEqual([], os.listdir(folder))

    def test_a_manifest_that_says_more_than_the_database_holds_is_refused(self):
        self.backup()
        done = self.check(self.rewrite(lambda text: text.replace('"person":60', '"person":61')))
        self.assertEqual(1, done.returncode)
        self.assertIn("manifest", done.stderr)

    def test_secrets_that_were_put_in_place_must_be_those_of_the_database(self):
        self.sealed()
        other = Server(Stage(self.stage.path("elsewhere")), is_direct=True)
        other.init()
        folder = self.stage.path("new")
        os.makedirs(folder)
        shutil.copytree(os.path.join(other.folder, "secrets"), os.path.join(folder, "secrets"))
        self.assertEqual(1, self.restore(folder).returncode)
        self.assertEqual(["secrets"], os.listdir(folder))
        shutil.rmtree(os.path.join(folder, "secrets"))
        shutil.copytree(os.path.join(self.server.folder, "secrets"), os.path.join(folder, "secrets"))
        self.assertEqual(0, self.restore(folder).returncode)  # and then no passphrase is asked for

    def test_a_restore_that_is_killed_anywhere_leaves_nothing_to_serve_or_all_of_it(self):
        """At each of the calls that change the folder, by way of strace."""
        self.sealed()
        calls = "openat,mkdir,rename,renameat,unlink,unlinkat,rmdir,fsync,fdatasync,write,pwrite64"
        killed = 0
        for at in list(range(1, 60, 7)) + list(range(60, 1200, 61)):
            folder = self.stage.path(f"new-{at}")
            done = subprocess.run(["strace", "-f", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:signal=KILL:when={at}",
                                   program("rollcall-server"), "restore", "--from", self.file, "--dir", folder,
                                   "--passphrase-file", self.words], capture_output=True, text=True, timeout=120, check=False)
            if done.returncode == 0:
                break
            killed += 1
            status = self.run_server("kiosk", "list", "--dir", folder).returncode
            if os.path.exists(os.path.join(folder, "rollcall.db")):
                self.assertEqual(0, status, f"killed at call {at}")
                continue
            self.assertEqual(3, status, f"killed at call {at}")
            again = self.restore(folder, "--passphrase-file", self.words)
            self.assertEqual(0, again.returncode, again.stderr)
            self.assertEqual({"rollcall.db", "secrets"}, set(os.listdir(folder)))
            self.assertEqual(0, self.run_server("kiosk", "list", "--dir", folder).returncode)
        self.assertGreater(killed, 5)


if __name__ == "__main__":
    tap_unittest.main()
