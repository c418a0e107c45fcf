# SPDX-License-Identifier: Apache-2.0
import contextlib
import io
import tempfile
import unittest

import check_cases
import tap_unittest

HEAD = "id\tcase\texpected\ttest\tnote\n"
CMOCKA = "1..3\n# Running test(s).\nok 1 - first_one_works\nnot ok 2 - second_one_fails\nnot ok 3 # SKIP third_one_waits\n"


def junit(name, status, output):
    escaped = output.replace("&", "&amp;").replace("<", "&lt;")
    return (f'<testsuite><testcase name="{name}" status="{status}"><system-out>{escaped}'
            f"</system-out></testcase></testsuite>")


def run(rows, xml):
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as table, tempfile.NamedTemporaryFile("w", suffix=".xml") as results:
        table.write(HEAD + rows)
        table.flush()
        results.write(xml)
        results.flush()
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            status = check_cases.main([table.name, results.name])
    return status, out.getvalue()


class Table(unittest.TestCase):
    def test_an_open_row_is_counted_and_is_no_fault(self):
        status, out = run("S1\ta\tb\topen\t\n", junit("unit.a", "run", CMOCKA))
        self.assertEqual(status, 0)
        self.assertIn("0 of 1 rows proved, 1 open, 0 named", out)

    def test_a_passed_function_proves_its_row(self):
        status, out = run("S1\ta\tb\tunit.a::first_one_works\t\n", junit("unit.a", "run", CMOCKA))
        self.assertEqual(status, 0)
        self.assertIn("1 of 1 rows proved, 0 open", out)

    def test_a_row_half_proved_stays_open(self):
        status, out = run("S1\ta\tb\tunit.a::first_one_works open\t\n", junit("unit.a", "run", CMOCKA))
        self.assertEqual(status, 0)
        self.assertIn("0 of 1 rows proved, 1 open", out)

    def test_a_failed_function_is_a_fault(self):
        status, out = run("S1\ta\tb\tunit.a::second_one_fails\t\n", junit("unit.a", "fail", CMOCKA))
        self.assertEqual(status, 1)
        self.assertIn("S1: second_one_fails failed", out)

    def test_a_function_skipped_the_way_of_cmocka_is_a_fault(self):
        status, out = run("S1\ta\tb\tunit.a::third_one_waits\t\n", junit("unit.a", "run", CMOCKA))
        self.assertEqual(status, 1)
        self.assertIn("third_one_waits was skipped", out)

    def test_a_method_skipped_the_way_of_tap_is_a_fault(self):
        xml = junit("system.a", "run", "ok 1 - waits_too # SKIP no display\n")
        self.assertEqual(run("S1\ta\tb\tsystem.a::waits_too\t\n", xml)[0], 1)

    def test_a_function_that_never_printed_is_a_fault(self):
        self.assertEqual(run("S1\ta\tb\tunit.a::unheard_of\t\n", junit("unit.a", "run", CMOCKA))[0], 1)

    def test_a_program_that_never_ran_is_a_fault(self):
        self.assertEqual(run("S1\ta\tb\tunit.b::first_one_works\t\n", junit("unit.a", "run", CMOCKA))[0], 1)

    def test_a_program_that_crashed_later_proves_nothing(self):
        xml = junit("unit.a", "fail", "1..2\nok 1 - first_one_works\n")
        self.assertEqual(run("S1\ta\tb\tunit.a::first_one_works\t\n", xml)[0], 1)

    def test_one_bad_name_among_several_is_a_fault(self):
        row = "S1\ta\tb\tunit.a::first_one_works unit.a::second_one_fails\t\n"
        self.assertEqual(run(row, junit("unit.a", "run", CMOCKA))[0], 1)

    def test_a_malformed_table_is_refused_with_its_line(self):
        for rows, word in [("S1\ta\tb\topen\n", "line 2: 4 columns"), ("S1\t\tb\topen\t\n", "case is empty"),
                           ("S1\ta\tb\topen\t\nS1\ta\tb\topen\t\n", "line 3: S1 stands here twice"),
                           ("S1\ta\tb\tlater\t\n", "neither")]:
            with self.subTest(rows=rows):
                status, out = run(rows, junit("unit.a", "run", CMOCKA))
                self.assertEqual(status, 2)
                self.assertIn(word, out)

    def test_results_that_are_no_xml_are_refused(self):
        self.assertEqual(run("S1\ta\tb\topen\t\n", "ok 1 - first_one_works")[0], 2)


class Tap(unittest.TestCase):
    def result_of(self, case):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            result = tap_unittest.TapResult()
            unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
        return check_cases.read_tap(out.getvalue()), result.wasSuccessful()

    def test_the_printed_lines_are_read_back_as_what_happened(self):
        class Inner(unittest.TestCase):
            def test_works(self):
                pass

            def test_breaks(self):
                self.fail("ok 7 - works")

            def test_waits(self):
                self.skipTest("no display")

            def test_one_part_breaks(self):
                for i in range(3):
                    with self.subTest(i=i):
                        self.assertNotEqual(i, 1)

        words, good = self.result_of(Inner)
        self.assertEqual(words, {"works": "passed", "breaks": "failed", "waits": "skipped", "one_part_breaks": "failed"})
        self.assertFalse(good)

    def test_a_class_that_can_not_set_up_fails(self):
        class Inner(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                raise OSError("no server")

            def test_works(self):
                pass

        words, good = self.result_of(Inner)
        self.assertNotIn("works", words)
        self.assertFalse(good)


if __name__ == "__main__":
    tap_unittest.main()
