#!/usr/bin/python3
"""Opens the report of `labelloom select` from disk in headless Chromium and uses it.

usage: select_browser_test.py LABELLOOM MAKE_SCORES [unittest arguments]
Exits with 77 (skipped) when Chromium, its driver or Selenium is missing.
"""

import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

SKIPPED = 77
CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")
try:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import Select, WebDriverWait
except ImportError:
    webdriver = None

PROGRAM = MAKE_SCORES = ""
NAMES = ["first.png", "second #2.png", "missing.png", "a<script>document.title='owned'<!--.png"]
HOSTILE_CLASS = "</script><img src=x onerror=\"document.title='owned'\">"


def png(width, height, colour):
    """The bytes of a PNG file of one colour."""
    def chunk(kind, body):
        return (struct.pack(">I", len(body)) + kind + body
                + struct.pack(">I", zlib.crc32(kind + body)))
    rows = (b"\0" + bytes(colour) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def write_set(folder):
    images = folder / "my images"
    images.mkdir()
    coco = {"images": [], "annotations": [], "categories": [
        {"id": 1, "name": "lever", "keypoints": ["tip"]}, {"id": 2, "name": HOSTILE_CLASS}]}
    for i, name in enumerate(NAMES):
        coco["images"].append({"id": i + 1, "file_name": name, "width": 160, "height": 120})
        if name != "missing.png":
            (images / name).write_bytes(png(160, 120, (40 + 20 * i, 90, 120)))
        for k in range(3):
            x, y = 10 + 50 * k, 20 + 10 * k
            coco["annotations"].append({
                "id": 10 * i + k + 1, "image_id": i + 1, "category_id": 1 + k % 2,
                "bbox": [x, y, 40, 40], "area": 1600, "iscrowd": 0,
                "segmentation": [[x, y, x + 40, y, x + 40, y + 40, x, y + 40]],
                **({"keypoints": [x + 5, y + 5, 2], "num_keypoints": 1} if k % 2 == 0 else {})})
    (folder / "coco.json").write_text(json.dumps(coco), encoding="utf-8")


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="labelloom-select-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        write_set(cls.folder)
        for command in ([MAKE_SCORES, cls.folder / "coco.json", cls.folder / "scores"],
                        [PROGRAM, "select", cls.folder / "scores", "-o", cls.folder / "batch",
                         "--images", cls.folder / "my images"]):
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            if done.returncode != 0:
                raise AssertionError(f"{command} failed: {done.stderr}")
        options = Options()
        options.binary_location = CHROMIUM
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
                         "--no-first-run", "--disable-background-networking",
                         "--disable-component-update", "--disable-sync", "--window-size=1200,800",
                         # A picture's pixels may be read, to see whether it was drawn.
                         "--allow-file-access-from-files",
                         f"--user-data-dir={cls.folder / 'profile'}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        cls.driver = webdriver.Chrome(service=Service(DRIVER), options=options)
        cls.addClassCleanup(cls.driver.quit)

    def setUp(self):
        self.driver.get((self.folder / "batch" / "report" / "index.html").as_uri())
        self.wait(lambda: len(self.all(".card")) == 4)
        self.wait(lambda: sorted(self.states()) == ["missing"] + 3 * ["ready"])

    def tearDown(self):
        expected = ("missing.png", "willReadFrequently")  # the latter is of drawn()
        log = [e for e in self.driver.get_log("browser")
               if not any(text in e["message"] for text in expected)]
        self.assertEqual([e for e in log if e["level"] in ("SEVERE", "WARNING")], [])
        self.assertNotEqual(self.driver.title, "owned")

    def wait(self, condition):
        WebDriverWait(self.driver, 10, poll_frequency=0.05).until(lambda _: condition())

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def states(self):
        return self.driver.execute_script(
            "return [...document.querySelectorAll('.card canvas')].map(c => c.dataset.state)")

    def names(self):
        return [e.text for e in self.all(".card .name")]

    def drawn(self, selector=".card canvas"):
        """The pixels of a canvas, as one number."""
        return self.driver.execute_script(
            "const c = document.querySelector(arguments[0]);"
            "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
            "return d.reduce((h, v) => (h * 31 + v) | 0, 0);", selector)

    def test_shows_a_card_for_every_image_and_says_why(self):
        self.assertEqual(self.one("#status").text, "4 images")
        self.assertIn("4 images of 4, by boxmask (paper)", self.one("#subtitle").text)
        self.assertTrue(self.names()[0].startswith("1. "))
        for why in self.all(".card .why"):
            self.assertRegex(why.text, r"S_(loc|cls|seg)")

    def test_names_are_text(self):
        self.assertIn(NAMES[3], " ".join(self.names()))
        self.one(".card").click()
        self.assertIn(HOSTILE_CLASS, self.one("#lb-panel").text)

    def test_every_layer_is_drawn(self):
        for name in ("boxes", "points", "masks", "seg"):
            before = self.drawn()
            self.one(f"[data-layer={name}]").click()
            self.assertNotEqual(self.drawn(), before, name)
            self.one(f"[data-layer={name}]").click()
            self.assertEqual(self.drawn(), before, name)
        # Not every image has something to blame by every term, but some image has.
        for name in ("loc", "cls", "outside"):
            every = [f".card:nth-child({i}) canvas" for i in range(1, 5)]
            before = [self.drawn(s) for s in every]
            self.one("body").send_keys({"loc": "1", "cls": "2", "outside": "3"}[name])
            self.assertEqual(self.one(f"[data-layer={name}]").get_attribute("aria-pressed"), "false")
            if name != "cls":
                self.assertNotEqual([self.drawn(s) for s in every], before, name)

    def test_sorts_by_every_component(self):
        by_rank = self.names()
        select = Select(self.one("#sort"))
        wanted = ["rank", "score", "S_seg", "S_box", "S_loc", "S_cls", "entropy.seg", "boxes"]
        self.assertLessEqual(set(wanted), {o.text for o in select.options})
        select.select_by_visible_text("entropy.seg")
        values = [float(e.text.rsplit(" ", 1)[1]) for e in self.all(".card .why")]
        self.assertEqual(values, sorted(values, reverse=True))
        self.one("#direction").click()
        values = [float(e.text.rsplit(" ", 1)[1]) for e in self.all(".card .why")]
        self.assertEqual(values, sorted(values))
        select.select_by_visible_text("rank")
        self.assertEqual(self.names(), by_rank)

    def test_lightbox_shows_terms_and_moves_on(self):
        self.one(".card").click()
        self.assertTrue(self.one("#lightbox").is_displayed())
        first = self.one("#lb-name").text
        self.assertEqual(len(self.all("#lb-panel tr.blamed")), 1)
        self.assertEqual(len(self.all("#lb-panel table:last-child tbody tr")), 3)
        self.one("body").send_keys(Keys.ARROW_RIGHT)
        self.assertNotEqual(self.one("#lb-name").text, first)
        self.one("#lb-prev").click()
        self.assertEqual(self.one("#lb-name").text, first)
        self.one("#lb-close").click()
        self.wait(lambda: not self.one("#lightbox").is_displayed())

    def test_needs_no_width_to_spare(self):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": 360, "height": 700, "deviceScaleFactor": 1, "mobile": False})
        try:
            self.wait(lambda: self.driver.execute_script("return innerWidth") == 360)
            self.wait(lambda: self.driver.execute_script(
                "return document.documentElement.scrollWidth <= innerWidth"))
        finally:
            self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


if __name__ == "__main__":
    if webdriver is None or CHROMIUM is None or DRIVER is None:
        print("skipped: needs chromium, chromium-driver and python3-selenium")
        sys.exit(SKIPPED)
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    MAKE_SCORES = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
