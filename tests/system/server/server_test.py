#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The real server, from an empty folder to an attendance list: its command line, its two listeners, and a kiosk made by hand."""
import csv
import io
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../../sim/postgres")]
import tap_unittest
from database import Database, init_arguments
from hand_made_kiosk import Code, Kiosk

PROGRAM = os.path.join(os.environ["RC_BIN"], "rollcall-server")
PATIENCE_S = 60
BEIJING = timezone(timedelta(hours=8))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tables():
    """A room, three people, a session that runs now, and two registrations."""
    def local(minutes):
        return (datetime.now(BEIJING) + timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M")

    return {
        "rooms": "room,site,name_zh,name_en\n3F-305,HQ,培训室,Training room\n",
        "employees": "工号,姓名,部门\n001-01,张伟,生产一部\n002-01,王芳,质量部\n003-01,李娜,质量部\n",
        "sessions": "session,course,title_zh,title_en,room,starts,ends\n"
                    f"SAFE-1,T-001-01,安全操作规程,Safe operation,3F-305,{local(-5)},{local(90)}\n",
        "registrations": "session,number\nSAFE-1,001-01\nSAFE-1,002-01\n",
    }


class Server:
    """A data folder and, between start and stop, the process that serves it."""

    def __init__(self, folder):
        self.folder, self.data = folder, os.path.join(folder, "data")
        self.run_file = os.path.join(folder, "run.json")
        self.port, self.process = free_port(), None

    def cli(self, *arguments, language="C.UTF-8", **more):
        environment = dict(os.environ, LC_ALL=language)
        return subprocess.run([PROGRAM, *arguments, "--dir", self.data], capture_output=True, text=True,
                              timeout=PATIENCE_S, env=environment, check=False, **more)

    def good(self, *arguments, **more):
        done = self.cli(*arguments, **more)
        assert done.returncode == 0, (arguments, done.returncode, done.stderr)
        return done.stdout

    def init(self):
        return self.good("init", "--organisation", "示例制造有限公司", "--url", f"https://127.0.0.1:{self.port}",
                         *init_arguments())

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def import_all(self):
        for table, text in tables().items():
            self.good("import", table, self.write(table + ".csv", text))

    def start(self, *more, device="127.0.0.1"):
        more = list(more) + ([] if "--people" in more else ["--people", "127.0.0.1:0"])
        more += ["--device", f"{device}:{self.port}"] if device else []
        self.log = open(os.path.join(self.folder, "log"), "a", encoding="utf-8")
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--dir", self.data, "--run-file", self.run_file, *more], stderr=self.log)
        deadline = time.monotonic() + PATIENCE_S
        while not os.path.exists(self.run_file):
            assert self.process.poll() is None, "the server has ended"
            assert time.monotonic() < deadline, "the server doesn't listen"
            time.sleep(0.02)
        with open(self.run_file, encoding="utf-8") as run:
            self.run = json.load(run)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE_S)
        self.log.close()
        return code

    def api(self, path, token=None, **headers):
        """(status, headers, text)."""
        headers = {k.replace("_", "-"): v for k, v in headers.items()}
        if token:
            headers["Authorization"] = "Bearer " + token
        request = urllib.request.Request(self.run["api"] + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.headers, refusal.read().decode()


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.server = Server(self.temporary.name)

    def tearDown(self):
        self.temporary.cleanup()

    def test_init_makes_a_folder_for_its_owner_alone_and_never_a_second_time(self):
        self.server.init()
        self.assertEqual(os.stat(self.server.data).st_mode & 0o777, 0o700)
        with open(os.path.join(self.server.data, "secrets", "secrets.key"), "rb") as key:
            before = key.read()
        again = self.server.cli("init", "--organisation", "x", "--url", "https://127.0.0.1:1")
        self.assertEqual(again.returncode, 1)
        with open(os.path.join(self.server.data, "secrets", "secrets.key"), "rb") as key:
            self.assertEqual(key.read(), before)

    def test_init_refuses_an_address_that_kiosks_could_not_use_and_makes_nothing(self):
        for url in ("http://127.0.0.1:1", "https://host", "https://host:1/path", "https://user@host:1"):
            self.assertEqual(self.server.cli("init", "--organisation", "x", "--url", url).returncode, 2, url)
        self.assertFalse(os.path.exists(self.server.data))

    def test_a_folder_that_is_no_server_is_a_matter_of_configuration(self):
        done = self.server.cli("kiosk", "list")
        self.assertEqual(done.returncode, 3)
        self.assertIn("init", done.stderr)
        self.assertFalse(os.path.exists(self.server.data))

    def test_other_secrets_than_the_databases_are_refused(self):
        self.server.init()
        key = os.path.join(self.server.data, "secrets", "secrets.key")
        with open(key, "wb") as out:
            out.write(os.urandom(32))
        for verb in (["serve"], ["kiosk", "list"]):
            done = self.server.cli(*verb)
            self.assertEqual(done.returncode, 3, verb)
            self.assertIn("secrets", done.stderr)

    def test_secrets_that_others_may_read_are_refused(self):
        self.server.init()
        os.chmod(os.path.join(self.server.data, "secrets", "secrets.key"), 0o644)
        self.assertEqual(self.server.cli("verify").returncode, 3)

    def test_a_bad_file_names_all_its_faults_and_nothing_is_written(self):
        self.server.init()
        bad = self.server.write("bad.csv", "教室,站点\n3F-301,HQ\n3F-302,\n3F-301,HQ\n")
        done = self.server.cli("import", "rooms", bad)
        self.assertEqual(done.returncode, 1)
        self.assertIn("bad.csv:3: error: 站点:", done.stderr)
        self.assertIn("bad.csv:4: error: 教室:", done.stderr)
        self.assertIn("2 errors", done.stderr)
        self.assertIn("bad.csv:3: 错误: 站点:", self.server.cli("import", "rooms", bad, language="zh_CN.UTF-8").stderr)
        good = self.server.write("good.csv", "教室,站点\n3F-301,HQ\n")
        self.assertIn("1 new", self.server.good("import", "rooms", good))

    def test_a_dry_run_says_what_it_would_do_and_writes_nothing(self):
        self.server.init()
        rooms = self.server.write("rooms.csv", tables()["rooms"])
        self.assertIn("1 new", self.server.good("import", "rooms", rooms, "--dry-run"))
        self.assertIn("1 new", self.server.good("import", "rooms", rooms))
        self.assertIn("1 unchanged", self.server.good("import", "rooms", rooms))

    def test_badges_are_pictures_of_those_who_are_registered(self):
        self.server.init()
        self.server.import_all()
        out = os.path.join(self.temporary.name, "badges")
        self.server.good("badges", "SAFE-1", "--out", out)
        self.assertEqual(sorted(os.listdir(out)), ["badge-001-01.png", "badge-002-01.png"])
        for name in os.listdir(out):
            path = os.path.join(out, name)
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            with open(path, "rb") as picture:
                self.assertEqual(picture.read(8), b"\x89PNG\r\n\x1a\n")

    def test_a_revoked_badge_is_not_printed_and_a_new_one_is(self):
        self.server.init()
        self.server.import_all()
        out = os.path.join(self.temporary.name, "one.png")
        self.server.good("badge", "revoke", "001-01")
        self.assertEqual(self.server.cli("badge", "001-01", "--out", out).returncode, 1)
        self.assertFalse(os.path.exists(out))
        self.server.good("badge", "new", "001-01")
        self.server.good("badge", "001-01", "--out", out)
        self.assertTrue(os.path.exists(out))

    def test_what_is_printed_to_a_closed_descriptor_goes_into_no_file(self):
        self.server.init()
        listed = ["kiosk", "list", "--dir", self.server.data]
        for closed, status in ((">&-", 4), ("2>&-", 0), ("<&- >&- 2>&-", 4)):
            done = subprocess.run(["sh", "-c", f'exec "$0" "$@" {closed}', PROGRAM, *listed], check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE_S)
            self.assertEqual(done.returncode, status, closed)
        if not Database(self.server.data).is_on_postgres():
            self.assertEqual(os.path.getsize(os.path.join(self.server.data, "rollcall.db-writer")), 0)

    def test_wrong_use_is_told_from_a_finding(self):
        self.server.init()
        for wrong in (["import", "planets", "x.csv"], ["token", "create", "--name", "x", "--role", "king"],
                      ["kiosk", "revoke", "not-an-id"], ["attendance", "X", "--format", "pdf"],
                      ["serve", "--people", "0.0.0.0:0"], ["serve", "--device", "localhost:1"], ["nonsense"]):
            self.assertEqual(self.server.cli(*wrong).returncode, 2, wrong)
        for finding in (["attendance", "X"], ["kiosk", "code", "--room", "X"],
                        ["kiosk", "revoke", "00000000-0000-4000-8000-000000000000"]):
            self.assertEqual(self.server.cli(*finding).returncode, 1, finding)


class Settings(unittest.TestCase):
    """How `serve` is told where to listen."""

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.server = Server(self.temporary.name)
        self.server.init()

    def certificate(self):
        key, pem = (os.path.join(self.temporary.name, name) for name in ("people.key", "people.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", key, "-out", pem, "-days", "2", "-subj", "/CN=people", "-addext",
                        "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        return pem, key

    def test_people_are_served_over_tls_with_a_certificate_of_the_companys_own(self):
        pem, key = self.certificate()
        self.server.start("--people", "0.0.0.0:0", "--people-certificate", pem, "--people-key", key)
        try:
            self.assertTrue(self.server.run["api"].startswith("https://127.0.0.1:"))
            context = ssl.create_default_context(cafile=pem)
            with urllib.request.urlopen(self.server.run["api"] + "/livez", context=context, timeout=PATIENCE_S) as answer:
                self.assertEqual(answer.read(), b"ok\n")
        finally:
            self.assertEqual(self.server.stop(), 0)

    def test_a_certificate_and_a_key_that_do_not_belong_together_are_refused(self):
        pem, _ = self.certificate()
        _, other = self.certificate()
        own = ["--device", "127.0.0.1:0", "--people", "127.0.0.1:0"]
        self.assertEqual(self.server.cli("serve", *own, "--people-certificate", pem).returncode, 2)
        with open(pem, "w", encoding="ascii") as out:
            out.write("no certificate")
        self.assertNotEqual(
            self.server.cli("serve", *own, "--people-certificate", pem, "--people-key", other).returncode, 0)

    def test_a_settings_file_is_obeyed_and_the_command_line_goes_before_it(self):
        port = free_port()
        config = self.server.write("server.conf", f"[server]\ndevice = 127.0.0.1:{port}\npeople = 127.0.0.1:{port}\n")
        self.server.start("--config", config, "--people", "127.0.0.1:0", device=None)
        try:
            self.assertEqual(self.server.run["device"], f"https://127.0.0.1:{port}")
            self.assertNotEqual(self.server.run["api"], f"http://127.0.0.1:{port}")
        finally:
            self.assertEqual(self.server.stop(), 0)

    def test_a_wrong_setting_is_named_with_file_and_line(self):
        config = self.server.write("server.conf", "[server]\nworkers = many\n")
        done = self.server.cli("serve", "--config", config)
        self.assertEqual(done.returncode, 3)
        self.assertIn("server.conf:2: error:", done.stderr)
        config = self.server.write("server.conf", "[server]\ndevice = somewhere\n")
        done = self.server.cli("serve", "--config", config)
        self.assertEqual(done.returncode, 3)
        self.assertIn("server.conf:2: server.device: somewhere is no ADDRESS:PORT", done.stderr)


class Serving(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.server = Server(self.temporary.name)
        self.server.init()
        self.server.import_all()
        self.server.start()
        self.token = self.server.good("token", "create", "--name", "test", "--role", "reader").strip()
        self.addCleanup(self.temporary.cleanup)
        self.addCleanup(self.end)

    def end(self):
        if self.server.process.poll() is None:
            self.server.process.kill()
            self.server.process.wait()
        if not self.server.log.closed:
            self.server.log.close()

    def list(self):
        """number → person of the attendance list."""
        status, _, text = self.server.api("/api/v1/sessions/SAFE-1/attendance", self.token)
        self.assertEqual(status, 200, text)
        self.session = json.loads(text)["session"]["id"]
        return {p["number"]: p for p in json.loads(text)["people"]}

    def kiosk(self):
        code = Code(self.server.good("kiosk", "code", "--room", "3F-305").strip())
        kiosk = Kiosk(tempfile.mkdtemp(dir=self.temporary.name), code)
        kiosk.fetch_ca()
        status, answer = kiosk.enrol(kiosk.make_request())
        self.assertEqual(status, 200, answer)
        return kiosk

    def test_it_stops_on_sigterm_and_takes_its_run_file_away(self):
        self.assertEqual(self.server.run["pid"], self.server.process.pid)
        self.assertEqual(self.server.api("/readyz")[0], 200)
        self.assertEqual(self.server.stop(), 0)
        self.assertFalse(os.path.exists(self.server.run_file))

    def test_a_parked_request_is_answered_when_it_stops(self):
        kiosk = self.kiosk()
        _, _, text = kiosk.ask("GET", "/v1/kiosk/changes")
        cursor = json.loads(text.decode().splitlines()[-1])["end"]["cursor"]
        connection = kiosk.connect()
        connection.request("GET", f"/v1/kiosk/changes?after={cursor}&wait=300")
        self.assertEqual(kiosk.ask("GET", "/v1/kiosk/mark")[0], 200)
        self.assertEqual(self.server.stop(), 0)
        answer = connection.getresponse()
        self.assertEqual((answer.status, len(answer.read().splitlines())), (200, 1))
        connection.close()

    def test_a_changed_fact_is_found_by_verify(self):
        kiosk = self.kiosk()
        self.assertEqual(kiosk.upload([kiosk.fact("kiosk.started", {"version": "test"})], 1)[0], 200)
        self.assertEqual(self.server.cli("verify").returncode, 0)
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(Database(self.server.data).change("UPDATE fact SET body = ?", b'{"version":"lies"}'), 1)
        done = self.server.cli("verify")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"(?m)^ +1  altered facts$")

    def test_the_list_is_for_holders_of_a_token(self):
        path = "/api/v1/sessions/SAFE-1/attendance"
        self.assertEqual(self.server.api(path)[0], 401)
        self.assertEqual(self.server.api(path, "rct_" + "A" * 43)[0], 401)
        status, headers, text = self.server.api(path, "nonsense", Accept_Language="zh-CN")
        self.assertEqual((status, headers["Content-Type"]), (401, "application/problem+json"))
        self.assertEqual(json.loads(text)["code"], "token")
        self.assertRegex(json.loads(text)["title"], "令牌")
        self.assertEqual(self.server.api(path, self.token)[0], 200)

    def test_the_list_as_csv_says_the_same_as_json(self):
        status, headers, text = self.server.api("/api/v1/sessions/SAFE-1/attendance?format=csv", self.token)
        self.assertEqual((status, headers["Content-Type"]), (200, "text/csv; charset=utf-8"))
        rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
        people = self.list()
        self.assertEqual([(r[0], r[1]) for r in rows[1:]], [(n, p["name"]) for n, p in people.items()])
        self.assertEqual(set(people), {"001-01", "002-01"})
        self.assertEqual({p["state"] for p in people.values()}, {"expected"})

    def test_a_kiosk_made_by_hand_enrols_and_its_facts_become_the_list(self):
        kiosk = self.kiosk()
        people = self.list()
        lines = [kiosk.fact("kiosk.started", {"version": "test"}), kiosk.signed_in(self.session, people["001-01"]["ref"])]
        status, headers, text = kiosk.upload(lines, 1)
        mark = json.loads(text)
        self.assertEqual((status, headers["Content-Type"], mark["rollcall"]), (200, "application/json", 1))
        self.assertEqual((mark["through"], mark["hash"], mark["epoch"]), (2, kiosk.prev, kiosk.epoch))
        people = self.list()
        self.assertEqual((people["001-01"]["state"], people["002-01"]["state"]), ("present", "expected"))
        self.assertIn("present 1", self.server.good("attendance", "SAFE-1"))
        self.assertEqual(self.server.cli("verify").returncode, 0)

    def test_the_same_upload_twice_is_stored_once(self):
        kiosk = self.kiosk()
        lines = [kiosk.signed_in(self.session_id(), self.list()["001-01"]["ref"])]
        first, second = kiosk.upload(lines, 1), kiosk.upload(lines, 1)
        marks = [json.loads(answer[2]) for answer in (first, second)]
        self.assertEqual([a[0] for a in (first, second)], [200, 200])
        self.assertEqual([(m["through"], m["hash"]) for m in marks], [(1, kiosk.prev)] * 2)
        self.assertRegex(self.server.good("rebuild"), r"(?m)^ +1  attendance events$")

    def session_id(self):
        self.list()
        return self.session

    def test_a_gap_is_answered_with_the_mark(self):
        kiosk = self.kiosk()
        lines = [kiosk.fact("kiosk.started", {"version": "test"}) for _ in range(3)]
        self.assertEqual(kiosk.upload(lines[:1], 1)[0], 200)
        status, _, text = kiosk.upload(lines[2:], 3)
        self.assertEqual((status, json.loads(text)["code"], json.loads(text)["through"]), (409, "gap", 1))

    def test_a_code_is_good_for_one_kiosk_and_the_same_key_again(self):
        code = Code(self.server.good("kiosk", "code", "--room", "3F-305").strip())
        kiosk = Kiosk(tempfile.mkdtemp(dir=self.temporary.name), code)
        kiosk.fetch_ca()
        csr = kiosk.make_request()
        first, again = kiosk.enrol(csr), kiosk.enrol(csr)
        self.assertEqual((first[0], again[0]), (200, 200))
        self.assertEqual(first[1]["certificate"], again[1]["certificate"])
        status, answer = kiosk.enrol(kiosk.make_request())
        self.assertEqual((status, answer["code"]), (409, "code_used"))
        status, answer = kiosk.enrol(csr, code=bytes(16))
        self.assertEqual((status, answer["code"]), (403, "code_unknown"))

    def test_without_a_certificate_there_is_only_the_ca_and_enrolment(self):
        kiosk = self.kiosk()
        nobody = kiosk.context(False)
        self.assertEqual(kiosk.ask("GET", "/v1/ca", context=nobody)[0], 200)
        for method, path in (("GET", "/v1/kiosk/mark"), ("POST", "/v1/kiosk/facts"), ("GET", "/v1/kiosk/changes"),
                             ("PUT", "/v1/kiosk/status")):
            self.assertEqual(kiosk.ask(method, path, context=nobody)[0], 403, path)

    def test_a_kiosk_that_is_shut_out_learns_it_on_the_open_connection(self):
        kiosk = self.kiosk()
        connection = kiosk.connect()
        status, _, text = kiosk.ask("GET", "/v1/kiosk/mark", connection=connection)
        self.assertEqual((status, json.loads(text)["state"]), (200, "current"))
        ref = self.list()["002-01"]["ref"]
        self.server.good("kiosk", "revoke", kiosk.id)
        status, _, text = kiosk.ask("GET", "/v1/kiosk/mark", connection=connection)
        self.assertEqual((status, json.loads(text)["state"]), (200, "revoked"))
        self.assertEqual(kiosk.ask("GET", "/v1/kiosk/changes", connection=connection)[0], 403)
        status, _, text = kiosk.upload([kiosk.signed_in(self.session, ref)], 1, connection=connection)
        self.assertEqual((status, json.loads(text)["through"], json.loads(text)["state"]), (200, 1, "revoked"))
        self.assertEqual(self.list()["002-01"]["state"], "expected")  # quarantined facts don't count
        connection.close()

    def test_a_kiosk_gets_its_sites_roster_and_hears_of_a_change_while_it_waits(self):
        kiosk = self.kiosk()
        status, headers, text = kiosk.ask("GET", "/v1/kiosk/changes")
        lines = [json.loads(line) for line in text.decode().splitlines()]
        self.assertEqual((status, headers["Content-Type"]), (200, "application/x-ndjson"))
        self.assertIn("snapshot", lines[0])
        entities = [line["entity"] for line in lines[1:-1]]
        self.assertEqual([entities.count(e) for e in ("room", "session", "person", "credential", "registration")],
                         [1, 1, 3, 3, 2])
        self.assertNotIn("张伟", text.decode())
        connection = kiosk.connect()
        connection.request("GET", f"/v1/kiosk/changes?after={lines[-1]['end']['cursor']}&wait=60")
        more = self.server.write("more.csv", "工号,姓名\n004-01,赵磊\n")
        self.server.good("import", "employees", more)
        lines = [json.loads(line) for line in connection.getresponse().read().decode().splitlines()]
        self.assertEqual([line["entity"] for line in lines[:-1]], ["person", "credential"])
        connection.close()

    def test_a_status_is_an_object_and_bad_parameters_are_refused(self):
        kiosk = self.kiosk()
        as_json = {"Content-Type": "application/json"}
        self.assertEqual(kiosk.ask("PUT", "/v1/kiosk/status", b'{"camera":"ok"}', as_json)[0], 200)
        self.assertEqual(kiosk.ask("PUT", "/v1/kiosk/status", b"[]", as_json)[0], 422)
        self.assertEqual(kiosk.ask("GET", "/v1/kiosk/changes?after=yesterday")[0], 400)
        self.assertEqual(kiosk.ask("GET", "/v1/kiosk/changes?wait=301")[0], 400)
        listed = json.loads(self.server.good("kiosk", "list", "--json"))
        self.assertEqual([(k["id"], k["room"], k["state"]) for k in listed], [(kiosk.id, "3F-305", "current")])

    def test_a_restarted_server_goes_on_where_it_was(self):
        kiosk = self.kiosk()
        self.assertEqual(kiosk.upload([kiosk.fact("kiosk.started", {"version": "test"})], 1)[0], 200)
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        status, _, text = kiosk.ask("GET", "/v1/kiosk/mark")
        self.assertEqual((status, json.loads(text)["through"], json.loads(text)["hash"]), (200, 1, kiosk.prev))


if __name__ == "__main__":
    tap_unittest.main()
