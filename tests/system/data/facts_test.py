# SPDX-License-Identifier: Apache-2.0
"""JSON made by others where kiosks speak: as lines of facts, as status documents. Nothing is lost, nothing is obeyed."""

import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../hostile"))

import sets  # noqa: E402
import tap_unittest  # noqa: E402
from ground import NDJSON, Chain, Company, Identity, ask, compact  # noqa: E402

FACTS, MARK, STATUS = "/v1/kiosk/facts", "/v1/kiosk/mark", "/v1/kiosk/status"


class Facts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.company = Company()
        cls.addClassCleanup(cls.company.close)
        cls.identity = Identity(cls.company, cls.company.enrol("kiosk"))

    def tearDown(self):
        self.assertIsNone(self.company.server.process.poll(), "the server has ended")

    def send(self, method, target, body, media=NDJSON):
        with self.identity.connect() as stream:
            return ask(stream, method, target, media, body)

    def documents(self):
        return [(os.path.basename(path), sets.read(path)) for path in sets.files("hostile-json", ".json")]

    @sets.needs("hostile-json", "hostile-strings")
    def test_lines_that_are_no_facts_are_kept_as_their_bytes(self):
        lines = [data for _, data in self.documents() if b"\n" not in data and b"\r" not in data and 0 < len(data) < 8000]
        lines += [line for line in sets.lines("hostile-strings") if b"\r" not in line][:200]
        chain = Chain(self.identity.kiosk)
        first = chain.fact()
        self.assertEqual(self.send("POST", FACTS, chain.upload(1, [first])).json()["through"], 1)
        for begin in range(0, len(lines), 50):
            piece = [chain.skip(line) for line in lines[begin:begin + 50]]
            answer = self.send("POST", FACTS, chain.upload(begin + 2, piece))
            self.assertEqual(answer.status, 200, answer.body)
            self.assertEqual(answer.json()["through"], begin + 1 + len(piece))
        kept = self.company.rows("SELECT line FROM fact_unread ORDER BY seq")
        self.assertEqual([bytes(row[0]) for row in kept], lines)

    @sets.needs("hostile-json", "hostile-strings")
    def test_status_documents_are_taken_whole_or_refused_in_form(self):
        documents = [data for _, data in self.documents() if len(data) < 16000]
        documents += [compact({"version": line.decode("utf-8", "replace")}) for line in sets.lines("hostile-strings")[::9]]
        for document in documents:
            answer = self.send("PUT", STATUS, document, ("Content-Type: application/json",))
            self.assertIsNotNone(answer, document[:60])
            self.assertIn(answer.status, (200, 204, 400, 413, 415, 422), document[:60])


if __name__ == "__main__":
    tap_unittest.main()
