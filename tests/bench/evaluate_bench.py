#!/usr/bin/env python3
"""`labelloom evaluate` beside pycocotools: 5,000 images of 10 objects, one run, the same numbers.

Both read the two files, evaluate and summarise. Needs an environment with pycocotools.
usage: evaluate_bench.py BIN_DIR WORK_DIR [TYPES]
"""
import contextlib
import io
import json
import pathlib
import random
import resource
import subprocess
import sys
import time

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

IMAGES = 5000
OBJECTS = 10
CATEGORIES = 10
WIDTH, HEIGHT = 640, 480
SAME = 1e-9
MEMBERS = {
    "bbox": ["AP", "AP50", "AP75", "AP_small", "AP_medium", "AP_large", "AR@1", "AR@10", "AR@100",
             "AR_small", "AR_medium", "AR_large"],
    "keypoints": ["AP", "AP50", "AP75", "AP_medium", "AP_large", "AR", "AR50", "AR75", "AR_medium",
                  "AR_large"]}
MEMBERS["segm"] = MEMBERS["bbox"]


def ring(x, y, w, h):
    """A lens of 24 points."""
    corners = [(0, .5), (.1, .3), (.2, .15), (.35, .05), (.5, 0), (.65, .05), (.8, .15), (.9, .3)]
    upper = corners + [(1, .5)]
    lower = [(a, 1 - b) for a, b in reversed(corners[1:])]
    return [round(v, 2) for a, b in upper + lower for v in (x + a * w, y + b * h)]


def keypoints(rng, x, y, w, h, last):
    return [v for k in range(17) for v in (round(x + w * (k % 5) / 4 + rng.gauss(0, 2)),
                                           round(y + h * (k // 5) / 3 + rng.gauss(0, 2)), last)]


def make(folder):
    rng = random.Random(1)
    annotations, results = [], []
    for image in range(1, IMAGES + 1):
        for _ in range(OBJECTS):
            w, h = rng.uniform(8, 200), rng.uniform(8, 200)
            x, y = rng.uniform(0, WIDTH - w), rng.uniform(0, HEIGHT - h)
            category = rng.randint(1, CATEGORIES)
            annotations.append({
                "id": len(annotations) + 1, "image_id": image, "category_id": category, "iscrowd": 0,
                "bbox": [x, y, w, h], "area": w * h * .7, "segmentation": [ring(x, y, w, h)],
                "keypoints": keypoints(rng, x, y, w, h, 2), "num_keypoints": 17})
            x, y = x + rng.gauss(0, w / 15), y + rng.gauss(0, h / 15)
            if rng.random() < .1:
                category = rng.randint(1, CATEGORIES)
            results.append({"image_id": image, "category_id": category, "bbox": [x, y, w, h],
                            "segmentation": [ring(x, y, w, h)],
                            "keypoints": keypoints(rng, x, y, w, h, 1), "score": rng.random()})
    truth = {"images": [{"id": i, "file_name": f"{i}.jpg", "width": WIDTH, "height": HEIGHT}
                        for i in range(1, IMAGES + 1)],
             "annotations": annotations,
             "categories": [{"id": c, "name": f"class {c}", "skeleton": [],
                             "keypoints": [f"k{k}" for k in range(17)]}
                            for c in range(1, CATEGORIES + 1)]}
    (folder / "truth.json").write_text(json.dumps(truth))
    (folder / "results.json").write_text(json.dumps(results))


def peer(folder, task):
    start, cpu = time.perf_counter(), time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(folder / "truth.json"))
        evaluation = COCOeval(truth, truth.loadRes(str(folder / "results.json")), task)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return time.perf_counter() - start, time.process_time() - cpu, list(evaluation.stats)


def ours(program, folder, task):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    out = subprocess.run([program, "evaluate", "--quiet", "--gt", folder / "truth.json", "--dt",
                          folder / "results.json", "--types", task, "--json"],
                         check=True, capture_output=True).stdout
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    numbers = json.loads(out)[task]
    return wall, cpu, [numbers[m] for m in MEMBERS[task]]


def main():
    program = pathlib.Path(sys.argv[1]) / "labelloom"
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    make(folder)
    print(f"{IMAGES} images, {IMAGES * OBJECTS} objects: wall (CPU) seconds")
    for task in sys.argv[3].split(",") if len(sys.argv) > 3 else ["bbox", "segm", "keypoints"]:
        runs = [ours(program, folder, task) for _ in range(3)]
        wall, cpu, numbers = min(runs)
        peer_wall, peer_cpu, expected = peer(folder, task)
        worst = max(abs(a - b) for a, b in zip(numbers, expected))
        assert worst < SAME, (task, numbers, expected)
        print(f"{task:10} labelloom {wall:.2f} ({cpu:.2f})  pycocotools {peer_wall:.1f} ({peer_cpu:.1f})  "
              f"{peer_wall / wall:.0f} times ({peer_cpu / cpu:.0f} of CPU); "
              f"AP {numbers[0]:.4f}, numbers differ by at most {worst:.1e}", flush=True)


if __name__ == "__main__":
    main()
