#!/usr/bin/env python3
"""Writes tests/data/evaluation_golden.json: what pycocotools' COCOeval says of hand-made hard cases, of
small random worlds full of ties, and (numbers only) of the real files in ../shared/data with
detections that a rule makes of their annotations; tests/evaluate/coco_golden_test.cc has the same rule.

Needs pycocotools and numpy, in an environment of their own.
Usage: make_evaluation_golden.py [SHARED_DATA] > tests/data/evaluation_golden.json
"""
import contextlib
import copy
import io
import json
import pathlib
import random
import sys

import numpy as np
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

SIZE = 120
NAMES = [f"p{i}" for i in range(5)]


def evaluate(truth, results, task, sigmas=None):
    """The summary, and the same for each category."""
    with contextlib.redirect_stdout(io.StringIO()):
        gt = COCO()
        gt.dataset = copy.deepcopy(truth)
        gt.createIndex()
        if results:
            dt = gt.loadRes(copy.deepcopy(results))
        else:  # loadRes cannot read an empty list
            dt = COCO()
            dt.dataset = {**copy.deepcopy(truth), "annotations": []}
            dt.createIndex()
        answers = []
        for category in [None] + sorted(gt.getCatIds()):
            e = COCOeval(gt, dt, task)
            if category is not None:
                e.params.catIds = [category]
            if task == "keypoints":
                e.params.kpt_oks_sigmas = np.array(sigmas)
            e.evaluate()
            e.accumulate()
            e.summarize()
            answers.append([float(s) for s in e.stats])
    return answers[0], answers[1:]


def box_ring(box):
    x, y, w, h = box
    return [x, y, x + w, y, x + w, y + h, x, y + h]


def world(images, annotations, categories=2, keypoints=0):
    cats = [{"id": 7 * c + 1, "name": f"c{c}"} for c in range(categories)]
    for c in cats:
        if keypoints:
            c.update(keypoints=NAMES[:keypoints], skeleton=[])
    truth = {"images": [{"id": i, "file_name": f"{i}.png", "width": SIZE, "height": SIZE}
                        for i in images], "annotations": [], "categories": cats}
    for i, a in enumerate(annotations):
        a = dict(a)
        a.setdefault("id", i + 1)
        a.setdefault("iscrowd", 0)
        a.setdefault("area", a["bbox"][2] * a["bbox"][3])
        a.setdefault("segmentation", [box_ring(a["bbox"])])
        if "keypoints" in a:
            a["num_keypoints"] = sum(v > 0 for v in a["keypoints"][2::3])
        truth["annotations"].append(a)
    return truth


def ann(image, category, box, **more):
    return {"image_id": image, "category_id": category, "bbox": box, **more}


det = ann


def mask_of(box):
    bitmap = np.zeros((SIZE, SIZE), np.uint8, order="F")
    x, y, w, h = (int(v) for v in box)
    bitmap[max(y, 0):y + h, max(x, 0):x + w] = 1
    rle = coco_mask.encode(bitmap)
    return {"size": [SIZE, SIZE], "counts": rle["counts"].decode()}


def hand_made():
    a = [ann(1, 1, [10, 10, 20, 20]), ann(1, 1, [15, 10, 20, 20]), ann(2, 8, [0, 0, 50, 50])]
    yield "ties", world([1, 2], a), [
        det(1, 1, [12, 10, 20, 20], score=.5), det(1, 1, [10, 10, 20, 20], score=.5),
        det(1, 1, [15, 10, 20, 20], score=.5), det(2, 8, [0, 0, 50, 25], score=.5),
        det(2, 8, [0, 0, 50, 50], score=.5), det(2, 1, [0, 0, 50, 50], score=.5)]
    yield "overlap equal to a threshold", world([1], a[:1]), [
        det(1, 1, [10, 10, 20, 10], score=.9), det(1, 1, [10, 10, 20, 15], score=.8)]
    yield "the same overlap with two objects", world([1], [
        ann(1, 1, [10, 10, 20, 20]), ann(1, 1, [20, 10, 20, 20])]), [
        det(1, 1, [15, 10, 20, 20], score=.9), det(1, 1, [10, 10, 20, 20], score=.8)]
    crowd = ann(1, 1, [40, 40, 70, 70], iscrowd=1, segmentation=mask_of([40, 40, 70, 70]))
    yield "crowds", world([1], [ann(1, 1, [10, 10, 20, 20]), crowd, ann(1, 1, [50, 50, 15, 15])]), [
        det(1, 1, [45, 45, 10, 10], score=.9), det(1, 1, [60, 60, 40, 40], score=.8),
        det(1, 1, [50, 50, 15, 15], score=.7), det(1, 1, [50, 50, 14, 15], score=.65),
        det(1, 1, [5, 5, 60, 60], score=.6), det(1, 1, [10, 10, 20, 20], score=.5)]
    yield "only crowds", world([1], [crowd]), [det(1, 1, [45, 45, 10, 10], score=.9)]
    yield "classes without truth", world([1], a[:2], categories=3), [
        det(1, 1, [10, 10, 20, 20], score=.3), det(1, 15, [10, 10, 20, 20], score=.9)]
    yield "detections of a class nobody knows", world([1], a[:2]), [
        det(1, 1, [10, 10, 20, 20], score=.3), det(1, 99, [10, 10, 20, 20], score=.9)]
    yield "no detections", world([1, 2], a), []
    yield "images without detections or truth", world([5, 3, 9, 1], [
        ann(3, 1, [10, 10, 20, 20]), ann(5, 1, [10, 10, 20, 20])]), [
        det(9, 1, [10, 10, 20, 20], score=.9), det(3, 1, [10, 10, 20, 20], score=.8)]
    yield "no truth", world([1], []), [det(1, 1, [10, 10, 20, 20], score=.9)]
    yield "an annotation with id 0", world([0, 1], [
        ann(0, 1, [10, 10, 20, 20], id=0), ann(1, 1, [10, 10, 40, 40], id=1)]), [
        det(0, 1, [10, 10, 20, 20], score=.9), det(1, 1, [10, 10, 40, 40], score=.8)]
    yield "area ranges", world([1], [
        ann(1, 1, [0, 0, 32, 32]), ann(1, 1, [40, 40, 31, 33]), ann(1, 1, [0, 0, 96, 96]),
        ann(1, 1, [0, 0, 110, 110], area=9216), ann(1, 8, [0, 60, 40, 40], area=100)]), [
        det(1, 1, [0, 0, 32, 32], score=.9), det(1, 1, [40, 40, 31, 34], score=.8),
        det(1, 1, [0, 0, 96, 97], score=.7), det(1, 1, [0, 0, 111, 110], score=.6),
        det(1, 1, [80, 0, 10, 10], score=.95), det(1, 8, [0, 60, 40, 38], score=.95),
        det(1, 8, [70, 0, 40, 40], score=.99)]
    yield "boxes without an area", world([1], [ann(1, 1, [10, 10, 0, 20]), ann(1, 1, [30, 30, 9, 9])]), [
        det(1, 1, [10, 10, 0, 20], score=.9), det(1, 1, [30, 30, 9, 0], score=.8),
        det(1, 1, [30, 30, 9, 9], score=.7)]
    many = [ann(1, 1, [i % 10 * 12, i // 10 * 10, 10, 9]) for i in range(110)]
    yield "more than a hundred detections", world([1], many), [
        det(1, 1, [i % 10 * 12, i // 10 * 10, 10, 8 + (i % 2)], score=(i * 7 % 11) / 11)
        for i in range(120)]


def hand_made_keypoints():
    kp = [20, 20, 2, 30, 20, 1, 25, 40, 0]
    box = [15, 15, 20, 30]
    yield "key points", world([1, 2], [
        ann(1, 1, box, keypoints=kp, area=500), ann(2, 1, [10, 10, 80, 80], keypoints=kp[:6] + [0, 0, 0])],
        1, 3), [
        det(1, 1, box, keypoints=[21, 20, 1, 30, 22, 1, 90, 90, .1], score=.9),
        det(1, 1, box, keypoints=[20, 20, 1, 30, 20, 1, 25, 40, .1], score=.9),
        det(2, 1, box, keypoints=[25, 20, 1, 30, 25, 1, 0, 0, 0], score=.9)]
    none = [0, 0, 0] * 3
    yield "truth without labelled key points is ignored", world([1], [
        ann(1, 1, box, keypoints=none), ann(1, 1, [60, 60, 40, 40], keypoints=[61, 61, 2] + none[3:]),
        ann(1, 1, [20, 20, 50, 50], keypoints=kp, iscrowd=1, segmentation=mask_of([20, 20, 50, 50]))],
        1, 3), [
        det(1, 1, box, keypoints=[16, 16, 1, 30, 30, 1, 20, 20, 1], score=.9),
        det(1, 1, box, keypoints=[62, 60, 1, 30, 30, 1, 20, 20, 1], score=.8),
        det(1, 1, box, keypoints=[150, 150, 1, 140, 130, 1, 120, 120, 1], score=.7)]
    yield "results of key points without boxes", world([1], [
        ann(1, 1, [5, 5, 60, 60], keypoints=kp)], 1, 3), [
        {k: v for k, v in det(1, 1, box, keypoints=[20.5, 20, 1, 29.25, 20, 1, 25, 0, 1],
                              score=.9).items() if k != "bbox"}]
    yield "more than twenty detections", world([1], [
        ann(1, 1, [i, i, 40, 40], keypoints=[i, i, 2, i + 9, i, 2, i, i + 9, 1]) for i in range(25)], 1, 3), [
        det(1, 1, [i, i, 40, 40], keypoints=[i, i + i % 3, 1, i + 9, i, 1, i, i + 9, 1],
            score=(i * 5 % 7) / 7) for i in range(30)]


def random_world(rng, keypoints):
    images = rng.sample(range(0, 40), rng.randint(1, 6))
    categories = rng.randint(1, 3)

    def box():
        return [rng.randint(0, 60), rng.randint(0, 60), rng.choice([4, 8, 20, 31, 33, 50]),
                rng.choice([4, 8, 20, 31, 33, 50])]

    def near(b):
        return [b[0] + rng.choice([0, 0, 1, 2, -3]), b[1] + rng.choice([0, 0, 1, -2]),
                max(1, b[2] + rng.choice([0, 0, 2, -3])), b[3]]

    def points(b, moved):
        out = []
        for _ in range(keypoints):
            out += [b[0] + rng.randint(0, b[2]), b[1] + rng.randint(0, b[3]),
                    round(rng.random(), 2) if moved else rng.choice([0, 1, 2])]
        return out

    annotations, results = [], []
    for _ in range(rng.randint(1, 25)):
        b = box()
        a = ann(rng.choice(images), 7 * rng.randrange(categories) + 1, b)
        if rng.random() < .15:
            a.update(iscrowd=1, segmentation=mask_of(b))
        if keypoints:
            a["keypoints"] = points(b, False)
            for k in range(keypoints):
                if a["keypoints"][3 * k + 2] == 0:
                    a["keypoints"][3 * k:3 * k + 2] = [0, 0]
        annotations.append(a)
    for _ in range(rng.randint(1, 40)):
        a = rng.choice(annotations)
        d = det(a["image_id"] if rng.random() < .9 else rng.choice(images), a["category_id"],
                near(a["bbox"]), score=rng.randint(0, 6) / 7)
        if keypoints:
            d["keypoints"] = [v + rng.choice([0, 0, .5, -1, 3]) if i % 3 < 2 else 1
                              for i, v in enumerate(a["keypoints"])]
        else:
            d["segmentation"] = mask_of(d["bbox"])
        results.append(d)
    return world(images, annotations, categories, keypoints), results


# --- real files ---------------------------------------------------------------------------------


def part(annotation_id, factor, modulus, centre):
    return annotation_id * factor % modulus - centre


def moved(a, copy_index):
    """A detection made of an annotation: moved and resized by parts of its box."""
    n = a["id"] + 13 * copy_index
    x, y, w, h = a["bbox"]
    dx = w * part(n, 7919, 21, 10) / 100
    dy = h * part(n, 104729, 21, 10) / 100
    d = {"image_id": a["image_id"], "category_id": a["category_id"],
         "bbox": [x + dx, y + dy, w, h * (100 + part(n, 1299709, 31, 15)) / 100],
         "score": part(n, 15485863, 97, 0) / 97}
    if isinstance(a.get("segmentation"), list):
        d["segmentation"] = [[v + (dx if i % 2 == 0 else dy) for i, v in enumerate(ring)]
                             for ring in a["segmentation"]]
    if "keypoints" in a:
        k = a["keypoints"]
        d["keypoints"] = [v for i in range(len(k) // 3) for v in (
            k[3 * i] + dx * part(n + i, 31, 3, 1), k[3 * i + 1] + dy * part(n + i, 37, 3, 1), 1)]
    return d


def synthetic(truth):
    results = []
    for a in truth["annotations"]:
        if a["iscrowd"] or a["id"] % 11 == 0:
            continue
        for copy_index in range(2 if a["id"] % 5 == 0 else 1):
            results.append(moved(a, copy_index))
    return results


COCO_SIGMAS = np.array([.26, .25, .25, .35, .35, .79, .79, .72, .72, .62, .62, 1.07, 1.07, .87, .87,
                        .89, .89]) / 10


def case(name, truth, results, task, sigmas=None):
    numbers, classes = evaluate(truth, results, task, sigmas)
    return {"name": name, "task": task, "numbers": numbers, "classes": classes}


def main():
    groups = []

    def group(name, truth, results, cases):
        groups.append({"name": name, "truth": truth, "results": results, "cases": cases})

    for name, truth, results in hand_made():
        tasks = ["bbox"] if "without an area" in name else ["bbox", "segm"]
        cases = [case(name, truth, results, task) for task in tasks]
        if "id 0" in name:
            shifted = copy.deepcopy(truth)
            for a in shifted["annotations"]:
                a["id"] += 1
            for c in cases:
                c["shifted"] = case(name, shifted, results, c["task"])["numbers"]
        group(name, truth, results, cases)
    for name, truth, results in hand_made_keypoints():
        group(name, truth, results, [case(name, truth, results, "keypoints", [.05] * 3)])
    rng = random.Random(7)
    for i in range(15):
        keypoints = 4 if i % 3 == 2 else 0
        truth, results = random_world(rng, keypoints)
        tasks = ["keypoints"] if keypoints else ["bbox", "segm"]
        group(f"random {i}", truth, results,
              [case(f"random {i}", truth, results, t, [.05] * keypoints) for t in tasks])

    real = []
    shared = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    for path, tasks in [("coco_instances", ["bbox", "segm"]), ("coco_person_keypoints", ["bbox", "keypoints"])]:
        for file in sorted((shared / path / "annotations").glob("*.json")):
            truth = json.loads(file.read_text())
            for a in truth["annotations"]:
                a.setdefault("iscrowd", 0)
            results = synthetic(truth)
            for task in tasks:
                real.append({"file": f"{path}/annotations/{file.name}", "detections": len(results),
                             **case(file.name, truth, results, task, COCO_SIGMAS)})
    line = json.JSONEncoder(separators=(",", ":")).encode
    print('{"made":[\n' + ",\n".join(line(g) for g in groups) + '\n],\n"real":[\n'
          + ",\n".join(line(r) for r in real) + "\n]}")


if __name__ == "__main__":
    main()
