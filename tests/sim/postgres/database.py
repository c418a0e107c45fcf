# SPDX-License-Identifier: Apache-2.0
"""A test's look into a server's database beside the server, on whichever engine it is: what no command of the server shows or does."""

import os
import sqlite3
import subprocess
import uuid
from decimal import Decimal

SCHEME = "postgres:"


def init_arguments():
    """What `rollcall-server init` is told: nothing, or a new database beside the PostgreSQL that RC_TEST_POSTGRES names."""
    conninfo = os.environ.get("RC_TEST_POSTGRES")
    return ["--database", new_database(conninfo)] if conninfo else []


def new_database(conninfo):
    """The URL of an empty database."""
    name = "rc_" + uuid.uuid4().hex
    subprocess.run(["psql", "-X", "-q", "-d", conninfo, "-c", f"CREATE DATABASE {name}"], check=True, timeout=60)
    return f"{SCHEME}{conninfo} dbname={name}"


def plain(value):
    """As SQLite would have given it: bytes, and sums as whole numbers."""
    if isinstance(value, memoryview):
        return bytes(value)
    return int(value) if isinstance(value, Decimal) else value


class Database:
    """Of the server whose data are in `folder`. Parameters are written `?` on both engines."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "rollcall.db")
        self.conninfo = None
        if os.path.exists(os.path.join(folder, "database")):
            with open(os.path.join(folder, "database"), encoding="utf-8") as text:
                url = text.read().strip()
            self.conninfo = url if url.startswith(SCHEME + "//") else url[len(SCHEME):]

    def is_on_postgres(self):
        return self.conninfo is not None

    def rows(self, statement, *values):
        return self.run(f"file:{self.path}?mode=ro", statement, values, lambda cursor: [tuple(map(plain, r)) for r in cursor.fetchall()])

    def change(self, statement, *values):
        """How many rows it changed."""
        return self.run(f"file:{self.path}?mode=rw", statement, values, lambda cursor: cursor.rowcount)

    def run(self, file, statement, values, take):
        if not self.is_on_postgres():
            connection = sqlite3.connect(file, uri=True, timeout=20)
        else:
            import psycopg2  # only where a test needs it
            connection = psycopg2.connect(self.conninfo)
            statement = statement.replace("%", "%%").replace("?", "%s")
        try:
            with connection:
                cursor = connection.cursor()
                cursor.execute(statement, values)
                return take(cursor)
        finally:
            connection.close()
