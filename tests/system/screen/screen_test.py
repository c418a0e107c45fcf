#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The real screen under Xvfb with a fake daemon: what it says is read through AT-SPI, what it paints from the framebuffer."""
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

if "RC_UNDER_DBUS" not in os.environ:  # AT-SPI needs a session bus of its own
    os.environ["RC_UNDER_DBUS"] = "1"
    os.execvp("dbus-run-session", ["dbus-run-session", "--", sys.executable, *sys.argv])

import gi  # noqa: E402

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import models  # noqa: E402
import tap_unittest  # noqa: E402
from fake_daemon import FakeDaemon, PATIENCE_S  # noqa: E402

SCREEN = pathlib.Path(os.environ["RC_BIN"]) / "rollcall-screen"
FEEDER = pathlib.Path(os.environ["RC_BIN"]).parent / "tests" / "screen-picture-feeder"
WORDS = {
    "signed_in": ("已签到", "Signed in"), "already": ("已经签过到", "Already signed in"), "signed_out": ("已签退", "Signed out"),
    "walk_in": ("临时参加，已签到", "Walk-in, signed in"), "walk_in_waiting": ("等讲师放行", "Waiting for the trainer"),
    "choose_session": ("您上哪一节？", "Which session?"), "wrong_room": ("不在这间", "Another room"),
    "too_early": ("还没开始签到", "Not open yet"), "closed": ("已停止签到", "Sign-in is over"),
    "cancelled": ("这节课取消了", "Session cancelled"), "not_registered": ("名单里没有您", "Not on the list"),
    "unknown": ("没认出这张码", "Code not known"), "revoked": ("这张胸牌已停用", "Badge switched off"),
    "expired": ("胸牌过期了", "Badge expired"), "replayed": ("这个码用过了", "Code already used"),
    "malformed": ("这不是签到码", "Not a sign-in code"), "clock_unsure": ("已签到", "Signed in"),
}


def start_display():
    """An X server on a number that it finds itself."""
    reading, writing = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
                              pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        number = pipe.readline().strip()
    return server, f":{number}"


def wait_until(condition, what):
    """Lets AT-SPI's events in until `condition()` holds; fails with `what` when it never does."""
    context = GLib.MainContext.default()
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        while context.pending():
            context.iteration(False)
        result = condition()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError(what() if callable(what) else what)


class ScreenCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.display_server, cls.display = start_display()

    @classmethod
    def tearDownClass(cls):
        cls.display_server.terminate()
        cls.display_server.wait()

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.socket = os.path.join(self.folder.name, "screen.sock")
        self.screen = None
        self.daemon = FakeDaemon(self.socket)
        self.addCleanup(lambda: self.daemon.close())
        self.addCleanup(self.stop_screen)

    def start_screen(self, *options):
        env = dict(os.environ, DISPLAY=self.display, GDK_BACKEND="x11", GSK_RENDERER="cairo", LANG="C.UTF-8",
                   GSETTINGS_BACKEND="memory",
                   # Fontconfig and the driver keep memory until the end on purpose.
                   ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0")
        env.pop("GTK_A11Y", None)
        self.log = open(os.path.join(self.folder.name, "screen.log"), "ab")
        self.addCleanup(self.log.close)
        self.screen = subprocess.Popen([SCREEN, "--socket", self.socket, "--size", "1280x800", *options], env=env,
                                       stderr=self.log)

    def stop_screen(self):
        if self.screen and self.screen.poll() is None:
            self.screen.terminate()
            self.assertEqual(0, self.screen.wait(PATIENCE_S))
        self.screen = None

    def log_text(self):
        return pathlib.Path(self.log.name).read_text(encoding="utf-8", errors="replace")

    # ---- what assistive technology reads

    def application(self):
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            app = desktop.get_child_at_index(i)
            if app and app.get_process_id() == self.screen.pid:
                return app
        return None

    def read(self):
        """[(role, name)] of all that is shown, in order."""
        found = []

        def walk(node):
            if node is None:
                return
            found.append((node.get_role_name(), node.get_name()))
            for i in range(node.get_child_count()):
                walk(node.get_child_at_index(i))

        try:
            walk(self.application())
        except GLib.Error:
            return []  # it changed while it was read
        return found

    def names(self):
        return [name for _, name in self.read() if name]

    def buttons(self):
        return [name for role, name in self.read() if role == "push button"]

    def press(self, *keys):
        subprocess.run(["xdotool", "key", *keys], env=dict(os.environ, DISPLAY=self.display), check=True)

    def give_keys(self):
        """Without a window manager nobody gives the window the keyboard."""
        display = dict(os.environ, DISPLAY=self.display)
        window = subprocess.run(["xdotool", "search", "--pid", str(self.screen.pid)], env=display, stdout=subprocess.PIPE,
                                check=True).stdout.split()[-1]
        subprocess.run(["xdotool", "windowfocus", "--sync", window], env=display, check=True)

    def focused(self):
        """The name of what has the keyboard's focus."""
        found = []

        def walk(node):
            if node.get_role_name() == "push button" and node.get_state_set().contains(Atspi.StateType.FOCUSED):
                found.append(node.get_name())
            for i in range(node.get_child_count()):
                walk(node.get_child_at_index(i))

        try:
            walk(self.application())
        except (GLib.Error, AttributeError):
            return None
        return found[0] if len(found) == 1 else None

    def wait_for(self, *texts):
        wait_until(lambda: set(texts) <= set(self.names()),
                   lambda: f"{texts} not in {self.names()}; log: {self.log_text()}")

    def start_showing(self, model, *options):
        self.daemon.model = model
        self.start_screen(*options)
        self.daemon.accept()

    # ---- what is painted

    def pixels(self, x, y, width, height):
        """Grey bytes of a part of the screen."""
        shot = subprocess.run(["import", "-window", "root", "-crop", f"{width}x{height}+{x}+{y}", "-depth", "8", "gray:-"],
                              env=dict(os.environ, DISPLAY=self.display), stdout=subprocess.PIPE, check=True)
        return shot.stdout

    def colour(self, x, y):
        shot = subprocess.run(["import", "-window", "root", "-crop", f"1x1+{x}+{y}", "-depth", "8", "rgb:-"],
                              env=dict(os.environ, DISPLAY=self.display), stdout=subprocess.PIPE, check=True)
        return shot.stdout.hex().upper()


class Shown(ScreenCase):
    def test_each_verdict_can_be_read_in_both_languages(self):
        self.start_showing(models.view())
        for verdict in models.VERDICTS:
            for i, lang in enumerate(("zh", "en")):
                model = models.greeting(verdict, lang, **models.EXTRA.get((verdict, lang), {}))
                self.daemon.show(model)
                self.wait_for(WORDS[verdict][i])
                groups = [name for role, name in self.read() if role in ("grouping", "panel") and name]
                self.assertTrue(any(name.startswith(WORDS[verdict][i] + ". ") for name in groups), groups)
                if model["main"]["name"]:
                    self.assertIn(model["main"]["name"], self.names())
                self.assertIn("Emma Collins", self.names())
                self.assertIn("08:51 on time", self.names())

    def test_labels_have_the_role_of_labels(self):
        self.start_showing(models.greeting("signed_in", "zh"))
        self.wait_for("已签到")
        roles = {name: role for role, name in self.read()}
        for text in ("已签到", "张伟", "早上好，请进，座位任选。", "08:52 · 准时 · 安全操作规程", "陈晓明"):
            self.assertEqual("label", roles.get(text), text)

    def test_idle_calls_in_both_languages_and_counts(self):
        self.start_showing(models.view(lang="en"))
        self.wait_for("Hold up\nyour badge", "请出示二维码", "18", "here · 24 expected", "Room 3F-305", "All sent", "08:52",
                      "The camera reads codes only, keeps no pictures.")

    def test_a_camera_that_is_away_is_said_in_its_place_and_nobody_is_asked_for_a_code(self):
        self.start_showing(models.view(lang="en"), "--no-motion")
        self.wait_for("Hold up\nyour badge", "Camera picture")
        self.daemon.show(models.with_camera(models.with_no_badge(models.view(lang="en")), "away"))
        self.wait_for("The camera is away just now", "Use your\nstaff number", "请用工号签到", "Tap “No badge” to sign in.", "No badge")
        self.assertFalse({"Hold up\nyour badge", "Camera picture"} & set(self.names()))
        wait_until(lambda: self.colour(1040, 100) == "D0D9D8", lambda: self.colour(1040, 100))
        self.daemon.show(models.with_camera(models.view(), "away"))
        self.wait_for("摄像头暂时不可用", "请找讲师", "讲师可以给您补签。")
        self.daemon.show(models.with_camera(models.greeting("claimed", "zh", name=""), "away"))
        self.wait_for("摄像头暂时不可用", "请进")
        self.daemon.show(models.view())
        self.wait_for("请出示二维码", "摄像头画面")
        self.assertNotIn("摄像头暂时不可用", self.names())

    def test_a_machine_without_a_camera_asks_for_numbers_and_says_nothing_of_pictures(self):
        self.start_showing(models.with_camera(models.with_no_badge(models.view()), "none"))
        self.wait_for("这台机器没有摄像头", "请用工号\n签到", "请点「没带胸牌」签到。")
        self.assertFalse([name for name in self.names() if "照片" in name or "只读" in name])

    def test_offline_says_what_waits_and_doubts_the_time(self):
        self.start_showing(models.unsure(models.view()))
        self.wait_for("≈08:52", "12 条待上传", "时间待校准")

    def test_a_slow_disk_confirms_nothing(self):
        self.start_showing(models.view("wait"))
        self.wait_for("请稍等", "正在存下这次扫码")
        self.assertNotIn("已签到", self.names())

    def test_a_failed_disk_sends_to_the_trainer(self):
        self.start_showing(models.view("fault", "en"))
        self.wait_for("No sign-in here now", "Ask the trainer", "The trainer notes who is here.")

    def test_a_newer_verdict_shows_the_name_calmly(self):
        self.start_showing(models.greeting("beamed_in", "zh"))
        self.wait_for("张伟")
        self.assertIsNone(self.screen.poll())

    def test_markup_in_a_name_is_text(self):
        name = "<b>&amp;%s%n</b>"
        self.start_showing(models.greeting("signed_in", "en", name=name))
        self.wait_for(name)

    def test_fields_are_painted_in_the_colours_of_their_verdicts(self):
        self.start_showing(models.view())
        fields = {"signed_in": "0A5A3B", "wrong_room": "0C4696", "too_early": "37444B", "unknown": "951A32", "already": "D5ECDF"}
        for verdict, field in fields.items():
            self.daemon.show(models.greeting(verdict, "zh"))
            wait_until(lambda: self.colour(20, 650) == field, lambda: f"{verdict}: {self.colour(20, 650)}")
        self.daemon.show(models.view())
        wait_until(lambda: self.colour(20, 650) == "FFFFFF", "the panel did not fade to idle")

    def test_the_panel_is_cut_to_the_verdicts_shape(self):
        self.start_showing(models.view(), "--lang", "zh")
        # Right of these points is ground, left of them the field: a disc bulges, a signpost points, a diamond is cut.
        for verdict, inside, outside in (("signed_in", (790, 200), (800, 40)), ("wrong_room", (800, 336), (800, 100)),
                                         ("unknown", (800, 336), (780, 30)), ("closed", (795, 100), (806, 336))):
            self.daemon.show(models.greeting(verdict, "zh"))
            wait_until(lambda: self.colour(*outside) == "E9EEED" and self.colour(*inside) not in ("E9EEED", "FFFFFF"),
                       lambda: f"{verdict}: {self.colour(*inside)} {self.colour(*outside)}")


    def test_without_motion_no_colour_lies_between_two_verdicts(self):
        self.start_showing(models.greeting("signed_in", "zh"), "--no-motion")
        wait_until(lambda: self.colour(20, 650) == "0A5A3B", "the first verdict is not shown")
        for _ in range(4):
            for verdict, field in (("too_early", "37444B"), ("unknown", "951A32"), ("signed_in", "0A5A3B")):
                before = self.colour(20, 650)
                self.daemon.show(models.greeting(verdict, "zh"))
                seen = set()
                wait_until(lambda: seen.add(self.colour(20, 650)) or field in seen, f"{verdict} is not shown")
                self.assertLessEqual(seen, {before, field})

    def test_large_text_says_the_same(self):
        self.start_showing(models.greeting("signed_in", "en"), "--text", "200")
        self.wait_for("Signed in", "Daniel Whitmore", "Good morning. Take any seat.", "08:52 · on time · Safe operation of presses")


class Touched(ScreenCase):
    def test_the_language_button_reports_the_model_that_was_touched(self):
        self.start_showing(models.view())
        self.wait_for("English")
        button = wait_until(lambda: any(role == "push button" for role, _ in self.read()), "no button")
        self.assertTrue(button)
        subprocess.run(["xdotool", "mousemove", "1126", "736", "click", "1"], env=dict(os.environ, DISPLAY=self.display), check=True)
        self.assertEqual({"v": 1, "touch": "language", "touch_id": 17}, self.daemon.receive_touch())
        english = models.view(lang="en")
        english["touch_id"] = 18
        self.daemon.show(english)
        self.wait_for("Hold up\nyour badge", "中文")
        subprocess.run(["xdotool", "mousemove", "1180", "736", "click", "1"], env=dict(os.environ, DISPLAY=self.display), check=True)
        self.assertEqual({"v": 1, "touch": "language", "touch_id": 18}, self.daemon.receive_touch())

    def test_a_session_is_chosen_by_touching_its_row(self):
        self.start_showing(models.greeting("choose_session", "zh", choices=models.CHOICES))
        self.wait_for("您上哪一节？", "张伟", "请点一下您的课。", "新员工入职培训", "09:15 新员工入职培训 3F-305 培训室")
        for y, touch in ((460, "choose_0"), (576, "choose_1")):
            subprocess.run(["xdotool", "mousemove", "600", str(y), "click", "1"], env=dict(os.environ, DISPLAY=self.display),
                           check=True)
            self.assertEqual({"v": 1, "touch": touch, "touch_id": 17}, self.daemon.receive_touch())

    def test_a_model_that_arrives_during_a_touch_does_not_swallow_it(self):
        self.start_showing(models.view())
        self.wait_for("English")
        display = dict(os.environ, DISPLAY=self.display)
        subprocess.run(["xdotool", "mousemove", "1126", "736", "mousedown", "1"], env=display, check=True)
        later = models.view(count={"here": 19, "expected": 24}, time="08:53")
        later["touch_id"] = 18
        self.daemon.show(later)
        self.wait_for("19", "08:53")
        subprocess.run(["xdotool", "mouseup", "1"], env=display, check=True)
        self.assertEqual({"v": 1, "touch": "language", "touch_id": 18}, self.daemon.receive_touch())

    def test_the_keyboard_alone_reaches_each_choice_and_the_language(self):
        self.start_showing(models.greeting("choose_session", "zh", choices=models.CHOICES))
        self.wait_for("您上哪一节？")
        self.give_keys()
        stops = (("09:00 安全操作规程 3F-305 培训室", "choose_0"), ("09:15 新员工入职培训 3F-305 培训室", "choose_1"), ("English", "language"),
                 ("08:52 · 已全部上传", "status"))
        reached = {}
        for _ in range(5):
            before = self.focused()
            self.press("Tab")
            name = wait_until(lambda: self.focused() != before and self.focused(), lambda: f"Tab left {before} for nothing")
            self.press("Return")
            reached[name] = self.daemon.receive_touch()["touch"]
        self.assertEqual(dict(stops), reached)

    def test_the_focus_ring_is_seen_only_with_the_keyboard(self):
        self.start_showing(models.view())
        self.wait_for("English")
        self.give_keys()
        ring = "0B57D0"  # 3 px away from the button, 5 px wide: 6 px above its top
        self.assertNotEqual(ring, self.colour(1140, 682))
        self.press("Tab", "Tab")
        wait_until(lambda: self.colour(1140, 682) == ring, lambda: self.colour(1140, 682))

    def test_the_focus_ring_is_seen_on_the_signposts_blue_too(self):
        self.start_showing(models.greeting("choose_session", "zh", choices=models.CHOICES))
        self.wait_for("您上哪一节？")
        wait_until(lambda: self.colour(600, 402) == "0C4696", lambda: self.colour(600, 402))
        self.give_keys()
        for _ in range(3):
            before = self.focused()
            if before and before.startswith("09:00"):
                break
            self.press("Tab")
            wait_until(lambda: self.focused() not in (before, None), "Tab leads nowhere")
        wait_until(lambda: self.colour(600, 402) == "FFFFFF", lambda: [self.colour(600, y) for y in range(380, 420, 2)])

    def test_choices_and_language_are_buttons_with_names(self):
        self.start_showing(models.greeting("choose_session", "en", choices=models.CHOICES))
        self.wait_for("Which session?")
        buttons = [name for role, name in self.read() if role == "push button"]
        self.assertEqual(["09:00 安全操作规程 3F-305 培训室", "09:15 新员工入职培训 3F-305 培训室", "08:52 · All sent", "中文"], buttons)

    def test_each_calm_screen_is_a_group_with_its_words(self):
        for model, words in ((models.view(), "请出示二维码"), (models.view("wait"), "请稍等. 正在存下这次扫码"),
                             (models.view("fault"), "现在不能签到. 请找讲师. 讲师会记下您来了。"),
                             (models.view("enrol", "zh", {"state": "failed", "reason": "used"}), "请出示\n服务器的注册码. 这个码用过了，请出示新的。")):
            with self.subTest(words=words):
                if self.screen is None:
                    self.start_showing(model)
                else:
                    self.daemon.show(model)
                wait_until(lambda: any(name.startswith(words) for role, name in self.read() if role in ("grouping", "panel")),
                           lambda: [name for _, name in self.read()])

    def test_there_is_no_button_without_effect(self):
        self.start_showing(models.greeting("unknown", "zh"))
        self.wait_for("没认出这张码")
        self.assertEqual(["08:52 · 已全部上传", "English"], self.buttons())
        self.daemon.show(models.with_no_badge(models.greeting("unknown", "zh")))
        self.wait_for("或点下方「没带胸牌」输入工号。")
        self.assertEqual(["08:52 · 已全部上传", "没带胸牌", "English"], self.buttons())


class Sheets(ScreenCase):
    """Sheets over the panel: the screen says what is touched and keeps nothing of it."""

    def click(self, x, y):
        subprocess.run(["xdotool", "mousemove", str(x), str(y), "click", "1"], env=dict(os.environ, DISPLAY=self.display), check=True)

    def touches(self, count):
        return [{key: value for key, value in self.daemon.receive_touch().items() if key in ("touch", "key")} for _ in range(count)]

    def test_somebody_without_a_badge_types_the_number_with_a_finger(self):
        self.start_showing(models.with_no_badge(models.view()), "--no-motion")
        self.wait_for("没带胸牌")
        self.click(880, 736)
        self.assertEqual([{"touch": "no_badge"}], self.touches(1))
        self.daemon.show(models.number("zh"))
        self.wait_for("输入您的工号，再点「就是我」。", "工号")
        self.assertNotIn("请出示二维码", self.names())  # nothing behind the sheet is read
        self.assertNotIn("就是我", self.buttons())  # there is nothing to confirm yet
        self.assertEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "字母", "0", "删除"], self.buttons()[:12])
        for x, y in ((410, 205), (410, 574), (660, 574), (160, 574)):
            self.click(x, y)
        self.assertEqual([{"touch": "key", "key": "2"}, {"touch": "key", "key": "0"}, {"touch": "delete"}, {"touch": "letters"}],
                         self.touches(4))
        self.daemon.show(models.number("zh", "20417", "letters"))
        self.wait_for("20417", "连字符")
        self.assertEqual([*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "连字符", "数字", "删除"], self.buttons()[:29])
        self.click(1158, 736)
        self.assertEqual([{"touch": "confirm"}], self.touches(1))
        self.daemon.show(models.greeting("claimed", "zh", name=""))
        self.wait_for("已记下", "请进", "工号稍后核对。")
        self.assertNotIn("20417", self.names())

    def test_a_keyboard_alone_types_confirms_and_closes(self):
        self.start_showing(models.number("zh"))
        self.wait_for("工号")
        self.give_keys()
        self.press("2", "KP_0", "b", "minus", "BackSpace")
        self.assertEqual([{"touch": "key", "key": "2"}, {"touch": "key", "key": "0"}, {"touch": "key", "key": "B"},
                          {"touch": "key", "key": "-"}, {"touch": "delete"}], self.touches(5))
        self.daemon.show(models.number("zh", "20B"))
        self.wait_for("20B")
        self.press("period", "Return")
        self.assertEqual([{"touch": "confirm"}], self.touches(1))
        self.press("Escape")
        self.assertEqual([{"touch": "cancel"}], self.touches(1))

    def test_a_key_keeps_the_focus_while_the_number_grows(self):
        self.start_showing(models.number("zh"))
        self.wait_for("工号")
        self.give_keys()
        self.press("Tab")
        name = wait_until(self.focused, "Tab leads nowhere")
        self.press("Return")
        self.touches(1)
        self.daemon.show(models.number("zh", "1"))
        self.wait_for("就是我")
        self.assertEqual(name, self.focused())

    def test_a_scan_while_somebody_types_is_a_row_beside_the_keys(self):
        self.start_showing(models.number("zh", "204"))
        self.wait_for("204")
        self.daemon.show(models.number("zh", "204", recent=[models.CHEN, models.EMMA]))
        self.wait_for("陈晓明", "08:52 准时", "204")
        self.assertEqual("FFFFFF", self.colour(900, 450))  # the row's tile, not veiled

    def test_the_mark_is_touched_and_its_sheet_closes_by_touch_and_by_key(self):
        self.start_showing(models.view())
        self.wait_for("08:52 · 已全部上传")
        self.click(200, 736)
        self.assertEqual([{"touch": "status"}], self.touches(1))
        self.daemon.show(models.status("zh", "network", "11-22 17:04", models.unsure(models.view())))
        self.wait_for("签到照常进行", "这台机器没有连上网络，连上后自动上传。", "上次联系服务器：11-22 17:04", "12 条待上传", "这里是 3F-305 · 版本 1.4.0")
        self.click(1170, 736)
        self.assertEqual([{"touch": "cancel"}], self.touches(1))
        self.click(400, 400)  # anywhere on it
        self.assertEqual([{"touch": "cancel"}], self.touches(1))
        self.give_keys()
        self.press("Escape")
        self.assertEqual([{"touch": "cancel"}], self.touches(1))

    def test_which_session_is_asked_with_rows(self):
        self.start_showing(models.sheet("which", "zh", choices=models.CHOICES))
        self.wait_for("您上哪一节？", "09:15 新员工入职培训 3F-305 培训室")
        for y, touch in ((440, "choose_0"), (560, "choose_1")):
            self.click(400, y)
            self.assertEqual([{"touch": touch}], self.touches(1))

    def test_without_a_session_idle_names_the_next_one(self):
        self.start_showing(models.sheets("en")["idle-next"])
        self.wait_for("Sign-in\nfrom 08:45", "08:45 开始签到", "Safe operation of presses", "09:00–11:30")


class Survives(ScreenCase):
    def test_killed_and_started_again_it_shows_the_same(self):
        self.start_showing(models.greeting("wrong_room", "zh", **models.EXTRA["wrong_room", "zh"]))
        self.wait_for("3F-302", "上楼右转第二间，14:00 开始。")
        before = self.names()
        self.screen.kill()
        self.screen.wait()
        self.start_screen()
        self.daemon.accept()
        self.wait_for("3F-302")
        self.assertEqual(before, wait_until(lambda: self.names() == before and before, lambda: f"{before} != {self.names()}"))

    def test_messages_that_make_no_sense_are_passed_over(self):
        self.start_showing(models.view())
        self.wait_for("请出示二维码")
        for rubbish in (b"x", b"{}", b"[" * 60000, b"\xff" * 100, b'{"v":1}', b'{"v":2}', b"\0" * 10, b'"' + b"a" * 65000 + b'"'):
            self.daemon.send_raw(rubbish)
        self.daemon.show(models.greeting("signed_in", "zh"))
        self.wait_for("已签到", "张伟")
        self.assertTrue(self.daemon.is_connected())
        self.assertEqual(8, self.log_text().count("view model passed over"))
        self.assertNotIn("张伟", self.log_text())

    def test_a_message_may_come_in_single_bytes(self):
        import json
        import struct
        self.start_showing(models.view())
        payload = json.dumps(models.greeting("signed_in", "zh")).encode()
        for byte in struct.pack("<I", len(payload)) + payload:
            self.daemon.send_bytes(bytes([byte]))
        self.wait_for("张伟")

    def test_a_broken_frame_ends_the_connection_and_the_screen_comes_back(self):
        self.start_showing(models.view())
        self.wait_for("请出示二维码")
        for length in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x01\x00\x01\x00"):
            self.daemon.send_bytes(length + b"{}")
            self.daemon.accept()
            self.wait_for("请出示二维码")

    def test_without_a_daemon_it_stays_calm_and_returns_by_itself(self):
        self.start_showing(models.greeting("signed_in", "zh"))
        self.wait_for("张伟")
        self.daemon.close()
        self.wait_for("请稍等", "正在准备，马上就好")
        shown = self.names()
        for gone in ("张伟", "已签到", "陈晓明", "English"):
            self.assertNotIn(gone, shown)
        self.daemon = FakeDaemon(self.socket)
        self.daemon.model = models.view()
        self.daemon.accept()
        self.wait_for("请出示二维码")

    def test_it_may_start_before_the_daemon(self):
        self.daemon.close()
        self.start_screen("--lang", "en")
        self.wait_for("One moment", "Getting ready")
        self.daemon = FakeDaemon(self.socket)
        self.daemon.model = models.view()
        self.daemon.accept()
        self.wait_for("请出示二维码")

    @unittest.skipUnless(os.getuid() == 0, "needs root to listen as somebody else")
    def test_a_socket_of_another_user_is_not_listened_to(self):
        self.daemon.close()
        os.chmod(self.folder.name, 0o777)
        reading, writing = os.pipe()
        stranger = os.fork()
        if stranger == 0:
            try:
                os.setuid(65534)
                other = FakeDaemon(self.socket)
                other.model = models.greeting("signed_in", "zh")
                os.chmod(self.socket, 0o777)
                os.write(writing, b"x")
                while True:
                    other.accept()
            finally:
                os._exit(0)
        self.addCleanup(lambda: (os.kill(stranger, 9), os.waitpid(stranger, 0)))
        os.read(reading, 1)
        self.start_screen()
        self.wait_for("正在准备，马上就好")
        wait_until(lambda: "belongs to another user" in self.log_text(), self.log_text)
        self.assertNotIn("张伟", self.names())


class Camera(ScreenCase):
    def feed(self, mode):
        feeder = subprocess.Popen([FEEDER, mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        number = int(feeder.stdout.readline())
        feeder.stdout.close()
        self.addCleanup(lambda: (feeder.stdin.close(), feeder.wait()))
        fd = os.open(f"/proc/{feeder.pid}/fd/{number}", os.O_RDONLY)
        self.addCleanup(lambda: os.close(fd))
        return feeder, fd

    def view(self):
        """The camera's place: 384 by 360 grey bytes."""
        return self.pixels(848, 40, 384, 360)

    def wait_for_mirror(self):
        # The camera sees white on its right; a mirror shows it on the left.
        wait_until(lambda: (lambda v: v[180 * 384 + 20] > 250 and v[180 * 384 + 360] < 5)(self.view()), "no mirrored picture")

    def test_the_picture_is_a_mirror_and_corners_stand_round_a_code(self):
        _, self.daemon.picture_fd = self.feed("seen")
        self.start_showing(models.view())
        self.wait_for_mirror()
        view = self.view()
        # The code is 60 px wide, shown 108, its frame 130: x 127…257, y 115…245 of the view.
        dark_side = view[245 * 384 + 245]
        self.assertGreater(dark_side, 200, "a corner's leg")
        self.assertLess(view[180 * 384 + 257], 40, "no line between the corners of a code that isn't read")

    def test_the_frame_closes_when_the_code_is_read(self):
        _, self.daemon.picture_fd = self.feed("read")
        self.start_showing(models.view())
        self.wait_for_mirror()
        self.assertGreater(self.view()[180 * 384 + 257], 200)

    def test_a_camera_that_has_stopped_is_no_mirror(self):
        feeder, self.daemon.picture_fd = self.feed("empty")
        self.start_showing(models.view())
        self.wait_for_mirror()
        feeder.stdin.close()
        feeder.wait()
        wait_until(lambda: 80 < self.view()[180 * 384 + 20] < 180, "a frozen picture stays")

    def test_a_descriptor_that_is_no_picture_is_refused(self):
        with tempfile.TemporaryFile() as file:
            file.write(b"x" * 100000)
            file.flush()
            self.daemon.picture_fd = file.fileno()
            self.start_showing(models.view())
            self.wait_for("请出示二维码")
            wait_until(lambda: "camera picture not shown" in self.log_text(), self.log_text)


class Pictures(ScreenCase):
    def test_a_model_becomes_a_png_of_the_asked_size(self):
        import json
        model = os.path.join(self.folder.name, "m.json")
        png = os.path.join(self.folder.name, "m.png")
        pathlib.Path(model).write_text(json.dumps(models.greeting("signed_in", "zh")), encoding="utf-8")
        for size in ("1280x800", "800x480", "480x800"):
            env = dict(os.environ, DISPLAY=self.display, GDK_BACKEND="x11", GSK_RENDERER="cairo", GTK_A11Y="none",
                       ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0")
            subprocess.run([SCREEN, "--shot", png, "--model", model, "--size", size], env=env, check=True)
            data = pathlib.Path(png).read_bytes()
            self.assertEqual(b"\x89PNG", data[:4])
            self.assertEqual(size, f"{int.from_bytes(data[16:20], 'big')}x{int.from_bytes(data[20:24], 'big')}")

    def test_wrong_options_are_refused_with_their_own_status(self):
        def status(*options):
            return subprocess.run([SCREEN, *options], env=dict(os.environ, DISPLAY=self.display), stderr=subprocess.DEVNULL).returncode

        self.assertEqual(2, status())
        self.assertEqual(2, status("--socket", "x", "--shot", "y"))
        self.assertEqual(2, status("--socket", "x", "--size", "1x1"))
        self.assertEqual(2, status("--socket", "x", "--size", "huge"))
        self.assertEqual(2, status("--socket", "x", "--lang", "fr"))
        self.assertEqual(2, status("--socket", "x", "--text", "150"))
        self.assertEqual(2, status("--socket", "x", "--check-layout"))
        self.assertEqual(2, status("--socket", "x", "--daemon-user", "nobody-of-that-name"))
        self.assertEqual(4, status("--shot", "x.png", "--model", "/nowhere"))


if __name__ == "__main__":
    tap_unittest.main()
