#!/usr/bin/env python3
"""Loads COCO files with pycocotools and compares every area and box with the mask that pycocotools draws.

usage: check_with_pycocotools.py COCO.json...      (with pycocotools; see README.md)

The area of a polygon is its ring area, so the pixel count may differ by about its border; the worst is printed.
For masks both must be equal. Also runs COCOeval of the file against itself: every AP must be 1, but for key points in
images of more than 20 objects, which is as many as COCOeval looks at.
"""
import contextlib
import io
import math
import sys

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

import pycocotools_view


def evaluate(truth, found, kind, category=None):
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(truth, truth.loadRes(found), kind)
        if category:  # pycocotools knows only the person's 17 points
            evaluation.params.catIds = [category["id"]]
            evaluation.params.kpt_oks_sigmas = np.full(len(category["keypoints"]), 0.05)
        evaluation.evaluate(), evaluation.accumulate(), evaluation.summarize()
    return evaluation.stats[0]


def self_evaluation(path):
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(path)
    found = [dict(a, score=1.0) for a in truth.dataset["annotations"] if not a["iscrowd"]]
    kinds = ["bbox"] + (["segm"] if all(a["segmentation"] for a in found) else [])
    scores = {kind: float(evaluate(truth, found, kind)) for kind in kinds}
    for category in truth.dataset["categories"]:
        named = [a for a in found if a["category_id"] == category["id"] and a.get("num_keypoints", 0) > 0]
        if named:
            scores["keypoints of " + category["name"]] = float(evaluate(truth, named, "keypoints", category))
    return scores


def main():
    for path in sys.argv[1:]:
        rows = pycocotools_view.instances(path)
        masks = {a["id"] for a in COCO(path).dataset["annotations"] if isinstance(a["segmentation"], dict)}
        worst = 0.0
        for row in rows:
            if row["id"] in masks:
                assert row["area"] == row["pixels"], row
                assert row["bbox"] == row["mask_bbox"], row
                continue
            perimeter = 2 * (row["bbox"][2] + row["bbox"][3])
            worst = max(worst, abs(row["area"] - row["pixels"]) / max(perimeter, 1))
            assert all(math.isclose(a, b, abs_tol=2.0) for a, b in zip(row["bbox"], row["mask_bbox"])), row
        scores = self_evaluation(path)
        print(f"{path}: {len(rows)} annotations, {len(masks)} masks; worst |area - pixels| / perimeter {worst:.3f}; "
              f"AP against itself {scores}")


if __name__ == "__main__":
    main()
