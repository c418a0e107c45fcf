# SPDX-License-Identifier: Apache-2.0
"""Runs the TestCases of a system test and prints TAP, so that tests/CASES.tsv can name a method as it names a C function.

    import tap_unittest
    ...
    if __name__ == "__main__":
        tap_unittest.main()

Names of methods are sentences (they must still begin with `test_`, which is left out of the printed name):
`test_an_acknowledgement_lost_after_the_commit_adds_no_row` is printed as `ok 1 - an_acknowledgement_lost_…`.
A test is printed when it ends, so a hanging one is the one after the last line. Arguments are names of methods to run.
"""

import sys
import traceback
import unittest

PREFIX = "test_"


def flat(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from flat(item)
        else:
            yield item


def name_of(test):
    name = getattr(test, "_testMethodName", str(test))
    return name[len(PREFIX):] if name.startswith(PREFIX) else name


def say(line):
    print(line, flush=True)


class TapResult(unittest.TestResult):
    """One line a test; the text of a failure stands above its line, each line begun by `# `."""

    def __init__(self):
        super().__init__()
        self.number = 0
        self.failed_subtests = set()

    def line(self, word, test, tail=""):
        self.number += 1
        say(f"{word} {self.number} - {name_of(test)}{tail}")

    def tell(self, err):
        for text in traceback.format_exception(*err):
            for row in text.rstrip().split("\n"):
                say("# " + row)

    def startTest(self, test):
        super().startTest(test)
        say(f"# {name_of(test)}")

    def addSuccess(self, test):
        super().addSuccess(test)
        self.line("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.tell(err)
        self.line("not ok", test)

    def addError(self, test, err):
        super().addError(test, err)
        self.tell(err)
        self.line("not ok", test)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is None:
            return
        say(f"# {subtest}")
        self.tell(err)
        if test.id() not in self.failed_subtests:
            self.failed_subtests.add(test.id())
            self.line("not ok", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.line("ok", test, f" # SKIP {reason}")

    def addExpectedFailure(self, test, err):
        self.addFailure(test, err)  # a fault that is known is still a fault

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.line("not ok", test)


def main(module="__main__", arguments=None):
    """Runs the tests of a module (all, or the methods named) and exits with 0 when all passed."""
    wanted = {a[len(PREFIX):] if a.startswith(PREFIX) else a
              for a in (sys.argv[1:] if arguments is None else arguments)}
    found = list(flat(unittest.defaultTestLoader.loadTestsFromName(module)))
    chosen = [t for t in found if not wanted or name_of(t) in wanted]
    if not chosen:
        say("# no test of that name" if found else "# no tests")
        sys.exit(1)
    say(f"1..{len(chosen)}")
    result = TapResult()
    unittest.TestSuite(chosen).run(result)
    sys.exit(0 if result.wasSuccessful() else 1)
