#!/usr/bin/python3
"""Opens a gallery made by `labelloom-images view` from disk in headless Chromium and uses it.

usage: gallery_browser_test.py LABELLOOM_IMAGES [unittest arguments]
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
    from selenium.webdriver.support.ui import WebDriverWait
except ImportError:
    webdriver = None

PROGRAM = ""
HOSTILE_FILE = "a</script><script>document.title='owned'</script>\"'&.png"
HOSTILE_CATEGORY = "<img src=x onerror=\"document.title='owned'\">"
RIGHT_TO_LEFT = "\u202egnp.exe.png"
MANY = 2000


def png(width, height, colour):
    """The bytes of a PNG file of one colour."""
    def chunk(kind, body):
        return (struct.pack(">I", len(body)) + kind + body
                + struct.pack(">I", zlib.crc32(kind + body)))
    rows = (b"\0" + bytes(colour) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def instance(number, image, category, **more):
    box = [20, 15, 60, 40]
    ring = [20, 15, 80, 15, 80, 55, 20, 55]
    return {"id": number, "image_id": image, "category_id": category, "bbox": box, "area": 2400,
            "iscrowd": 0, "segmentation": [ring], **more}


def write_set(folder):
    """Six images (one missing, one of another size, one without instances) and a report."""
    images = folder / "images"
    images.mkdir()
    names = ["first.png", "second.png", "third.png", "missing.png", "turned.png",
             HOSTILE_FILE.replace("/", "\\"), RIGHT_TO_LEFT]
    coco = {"images": [], "annotations": [], "categories": [
        {"id": 1, "name": "lever", "keypoints": ["tip", "pivot"], "skeleton": [[1, 2]]},
        {"id": 2, "name": HOSTILE_CATEGORY}]}
    for i, name in enumerate(names):
        coco["images"].append({"id": i + 1, "file_name": name, "width": 120, "height": 90})
        if name != "missing.png" and "\\" not in name:
            size = (90, 120) if name == "turned.png" else (120, 90)
            (images / name).write_bytes(png(*size, (40 + 20 * i, 90, 120)))
    keypoints = {"keypoints": [30, 25, 2, 70, 45, 1], "num_keypoints": 2}
    runs = [20 * 90 + 15] + [40, 50] * 59 + [40]  # columns 20 to 79, rows 15 to 54
    mask = {"segmentation": {"size": [90, 120], "counts": runs + [120 * 90 - sum(runs)]}}
    coco["annotations"] = [
        instance(11, 1, 1, **keypoints), instance(12, 1, 2), instance(13, 2, 1, **keypoints),
        instance(14, 4, 1), instance(15, 5, 1), instance(16, 7, 2, **mask)]
    report = {"doubtful_keypoints": [
        {"image": "first.png", "image_id": 1, "label": "tip", "x": 30.5, "y": 25.5,
         "doubt": "ambiguous", "instance_id": 11, "other_id": 12,
         "distance_px": -10.0, "other_distance_px": -9.5},
        {"image": "second.png", "image_id": 2, "label": "</script>", "x": 3, "y": 3,
         "doubt": "no-owner", "instance_id": None, "other_id": None}]}
    (folder / "coco.json").write_text(json.dumps(coco), encoding="utf-8")
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")


def write_large_set(folder):
    images = folder / "images"
    images.mkdir()
    (images / "one.png").write_bytes(png(120, 90, (60, 90, 120)))
    coco = {"images": [], "annotations": [], "categories": [{"id": 1, "name": "lever"}]}
    for i in range(MANY):
        coco["images"].append({"id": i + 1, "file_name": f"image_{i:05}.png",
                               "width": 120, "height": 90})
        coco["annotations"].append(instance(i + 1, i + 1, 1))
    (folder / "coco.json").write_text(json.dumps(coco), encoding="utf-8")


class Gallery(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="labelloom-gallery-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        for name, write in (("small", write_set), ("large", write_large_set)):
            (cls.folder / name).mkdir()
            write(cls.folder / name)
        small = cls.folder / "small"
        cls.summary = cls.view("small", "--report", small / "report.json")
        cls.view("large")
        options = Options()
        options.binary_location = CHROMIUM
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
                         "--no-first-run", "--disable-background-networking",
                         "--disable-component-update", "--disable-sync", "--window-size=1200,800",
                         f"--user-data-dir={cls.folder / 'profile'}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        cls.driver = webdriver.Chrome(service=Service(DRIVER), options=options)
        cls.addClassCleanup(cls.driver.quit)

    @classmethod
    def view(cls, name, *arguments):
        folder = cls.folder / name
        done = subprocess.run([PROGRAM, "view", folder / "coco.json", "--images", folder / "images",
                               "-o", folder / "out", *arguments],
                              check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"view failed: {done.stderr}")
        return done.stdout

    def open(self, name="small"):
        self.driver.get((self.folder / name / "out" / "index.html").as_uri())
        self.wait(lambda: self.all(".tile"))

    def wait(self, condition):
        WebDriverWait(self.driver, 10, poll_frequency=0.05).until(lambda _: condition())

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def press(self, *keys):
        self.driver.switch_to.active_element.send_keys(*keys)

    def visible(self, selector):
        """How many elements match and are laid out (SVG groups have no size of their own)."""
        script = ("return [...document.querySelectorAll(arguments[0])]"
                  ".filter(e => e.getClientRects().length).length")
        return self.driver.execute_script(script, selector)

    def tearDown(self):
        log = self.driver.get_log("browser")
        self.assertEqual([entry for entry in log if entry["level"] in ("SEVERE", "WARNING")], [])
        self.assertNotEqual(self.driver.title, "owned")

    def test_shows_a_tile_for_every_image(self):
        self.open()
        self.assertEqual(len(self.all(".tile")), 7)
        self.assertEqual(self.one("#status").text, "7 images")
        self.assertIn("7 images \u00b7 6 instances \u00b7 2 categories", self.one("#subtitle").text)
        self.wait(lambda: self.driver.execute_script(
            "return [...document.images].every(i => i.complete && i.naturalWidth > 0)"))

    def test_says_what_could_not_be_shown(self):
        self.open()
        self.assertIn("2 missing", self.summary)
        self.assertIn("not of the size", self.summary)
        self.assertIn("missing.png", self.all(".placeholder")[0].text)
        self.assertEqual(len(self.all(".placeholder")), 2)
        badge = self.one(".badge").text
        self.assertIn("90 x 120", badge)
        self.assertIn("120 x 90", badge)

    def test_hostile_names_are_text(self):
        self.open()
        self.assertIn(HOSTILE_CATEGORY, [e.text for e in self.all(".cat .name")])
        self.assertIn("document.title='owned'", self.all(".placeholder")[1].text)
        titles = [e.get_attribute("title") for e in self.all(".tile")]
        self.assertTrue(any(t.startswith("\\u202egnp.exe") for t in titles), titles)

    def test_filters_by_category_and_finding(self):
        self.open()
        self.one('[data-filter="1"]').click()
        self.assertEqual(len(self.all(".tile")), 2)
        self.assertEqual(self.one("#status").text, "2 of 7 images")
        self.assertEqual(self.visible(".inst[data-category='0']"), 0)
        self.one('[data-filter="empty"]').click()
        self.assertEqual(len(self.all(".tile")), 4)
        self.one("#clear").click()
        self.assertEqual(len(self.all(".tile")), 7)

    def test_searches_file_names(self):
        self.open()
        self.press("/")
        self.one("#search").send_keys("SECOND")
        self.assertEqual([t.get_attribute("aria-label") for t in self.all(".tile")],
                         ["second.png, 1 lever"])
        self.one("#search").send_keys("xyz")
        self.assertTrue(self.one("#empty").is_displayed())
        self.one("#reset").click()
        self.assertEqual(len(self.all(".tile")), 7)

    def test_toggles_hide_and_show_each_layer(self):
        self.open()
        for layer, key, selector in (("boxes", "b", "#grid .box"), ("shapes", "s", "#grid .shape"),
                                     ("points", "k", "#grid .dot"), ("names", "n", "#grid .tag")):
            button = self.one(f"header [data-layer={layer}]")
            self.assertGreater(self.visible(selector), 0, layer)
            button.click()
            self.assertEqual(self.visible(selector), 0, layer)
            self.assertEqual(button.get_attribute("aria-pressed"), "false")
            self.one("body").send_keys(key)
            self.assertGreater(self.visible(selector), 0, layer)

    def test_colours_by_instance(self):
        self.open()
        colours = ("return [...document.querySelectorAll('.tile')].map(t => "
                   "[...t.querySelectorAll('.inst')].map(g => g.style.getPropertyValue('--c')))")
        before = self.driver.execute_script(colours)
        self.one("header .by-instance").click()
        after = self.driver.execute_script(colours)
        self.assertEqual(len(set(after[0])), 2)
        self.assertEqual(before[1], after[1])

    def test_lightbox_opens_zooms_moves_on_and_closes(self):
        self.open()
        self.all(".tile")[0].click()
        self.assertTrue(self.one("#lightbox").is_displayed())
        self.assertEqual(self.one("#lb-name").text, "first.png")
        self.assertEqual(len(self.all("#lb-panel .row")), 2)
        self.wait(lambda: self.visible("#lb-canvas .kp-name") == 2)
        width = self.one("#lb-canvas").rect["width"]
        self.press("+")
        self.assertAlmostEqual(self.one("#lb-canvas").rect["width"], 1.5 * width, delta=2)
        self.press("0")
        self.assertAlmostEqual(self.one("#lb-canvas").rect["width"], width, delta=2)
        self.press(Keys.ARROW_RIGHT)
        self.assertEqual(self.one("#lb-name").text, "second.png")
        self.one("#lb-prev").click()
        self.assertEqual(self.one("#lb-name").text, "first.png")
        self.assertFalse(self.one("#lb-prev").is_enabled())
        self.press(Keys.ESCAPE)
        self.wait(lambda: not self.one("#lightbox").is_displayed())
        self.assertEqual(self.driver.switch_to.active_element.get_attribute("data-item"), "0")

    def test_lightbox_shows_a_missing_image_as_such(self):
        self.open()
        self.all(".tile")[3].click()
        self.assertIn("missing.png", self.one(".empty-picture").text)
        self.one("#lb-close").click()
        self.wait(lambda: not self.one("#lightbox").is_displayed())

    def test_keys_move_through_the_grid(self):
        self.open()
        self.driver.execute_script("document.querySelector('.tile').focus()")
        self.press(Keys.ARROW_RIGHT)
        self.assertEqual(self.driver.switch_to.active_element.get_attribute("data-item"), "1")
        self.press(Keys.END)
        self.assertEqual(self.driver.switch_to.active_element.get_attribute("data-item"), "6")
        self.press(Keys.ENTER)
        self.assertTrue(self.one("#lightbox").is_displayed())

    def test_doubtful_key_points_have_their_section(self):
        self.open()
        self.one("[data-view=doubtful]").click()
        self.assertTrue(self.one("#doubtful").is_displayed())
        cards = self.all(".card")
        self.assertEqual(len(cards), 2)
        self.assertIn("Given to lever #11 (10.0 px inside it)", cards[0].text)
        self.assertIn("</script>", cards[1].text)
        self.wait(lambda: self.driver.execute_script(
            "return [...document.querySelectorAll('.card img')].every(i => i.naturalWidth > 0)"))
        self.all(".chip")[1].click()
        self.assertEqual(len(self.all(".card")), 1)
        self.one(".card .cut").click()
        self.assertEqual(self.one("#lb-name").text, "second.png")
        self.assertEqual(self.visible(".marker"), 1)
        self.press(Keys.ESCAPE)
        self.one("[data-view=images]").click()
        self.assertEqual(len(self.all(".tile")), 7)

    def test_only_the_rows_on_screen_exist(self):
        self.open("large")
        self.assertEqual(self.one("#status").text, f"{MANY:,} images")
        self.assertLess(len(self.all(".tile")), 100)
        self.driver.execute_script("window.scrollTo(0, document.body.scrollHeight)")
        last = f"[data-item='{MANY - 1}']"
        self.wait(lambda: self.all(last))
        self.assertLess(len(self.all(".tile")), 100)

    def test_needs_no_width_to_spare(self):
        self.open()
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
    unittest.main(verbosity=2)
