#!/usr/bin/env python3
"""Writes tests/data/samples_golden.json: what pycocotools makes of the converted samples.

usage: make_samples_golden.py BIN_DIR      (with pycocotools; see README.md)
"""
import json
import os
import subprocess
import sys
import tempfile

import pycocotools_view

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def main():
    samples = os.path.join(TOP, "samples", "engine_parts")
    with tempfile.TemporaryDirectory() as folder:
        coco = os.path.join(folder, "coco.json")
        subprocess.check_call([os.path.join(sys.argv[1], "labelloom"), "convert",
                               os.path.join(samples, "export.min.json"), "--images", os.path.join(samples, "images"),
                               "--config", os.path.join(samples, "label_config.xml"), "-o", coco, "--quiet"])
        rows = pycocotools_view.instances(coco)
    with open(os.path.join(TOP, "tests", "data", "samples_golden.json"), "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


if __name__ == "__main__":
    main()
