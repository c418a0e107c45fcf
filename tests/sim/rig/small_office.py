# SPDX-License-Identifier: Apache-2.0
"""A test with a small server of its own, made anew for each: one room, some people, one session. Nobody is at a door."""

import os
import shutil
import tempfile
import unittest

from company_site import Server
from processes import Stage

ROOM, SESSION = "3F-305", "SAFE-1"


def tables(people):
    return {
        "rooms": f"room,site,name_zh,name_en\n{ROOM},HQ,培训室,Training room\n",
        "employees": "number,name,department\n" + "".join(f"{i:03d}-01,张伟{i},质量部\n" for i in range(1, people + 1)),
        "sessions": "session,course,title_zh,title_en,room,starts,ends\n"
                    f"{SESSION},T-001-01,安全操作规程,Safe operation,{ROOM},2026-11-24 09:00,2026-11-24 11:00\n",
        "registrations": f"session,number\n{SESSION},001-01\n",
    }


class SmallOffice(unittest.TestCase):
    staff = 1  # how many people there are

    def setUp(self):
        folder = tempfile.mkdtemp(prefix="rollcall-office-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.stage = Stage(folder)
        self.addCleanup(self.stage.end_all)
        self.server = Server(self.stage, is_direct=True)
        self.server.init()
        for name, text in tables(self.staff).items():
            path = self.stage.path(name + ".csv")
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
            self.server.command("import", name, path)


__all__ = ["ROOM", "SESSION", "SmallOffice"]
