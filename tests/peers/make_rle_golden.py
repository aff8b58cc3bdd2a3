#!/usr/bin/env python3
"""Writes tests/data/rle_golden.json: what pycocotools makes of seeded random polygons and masks.

Needs pycocotools (2.0.11 was used) and numpy, in an environment of their own; the tests only read
the file. Usage: make_rle_golden.py > tests/data/rle_golden.json
"""
import json
import math
import random

import numpy as np
from pycocotools import mask as coco

SEED = 20240817
SIZES = [(1, 1), (1, 23), (19, 1), (7, 5), (16, 16), (48, 64), (120, 90), (480, 640), (720, 1280)]


def star(rng, height, width, count, roughness):
    """Points around a centre: convex for roughness 0, concave above."""
    radius = rng.uniform(0.1, 0.7) * max(height, width)
    x, y = rng.uniform(0, width), rng.uniform(0, height)
    turns = sorted(rng.uniform(0, 2 * math.pi) for _ in range(count))
    ring = []
    for turn in turns:
        r = radius * (1 - roughness * rng.random())
        ring += [x + r * math.cos(turn), y + r * math.sin(turn)]
    return ring


def scatter(rng, height, width, count, outside):
    """Points anywhere, so edges cross; `outside` is how far beyond the frame they may lie."""
    ring = []
    for _ in range(count):
        ring += [rng.uniform(-outside * width, (1 + outside) * width),
                 rng.uniform(-outside * height, (1 + outside) * height)]
    return ring


def tiny(rng, height, width, count):
    x, y = rng.uniform(0, width), rng.uniform(0, height)
    return [v for _ in range(count)
            for v in (x + rng.uniform(-0.8, 0.8), y + rng.uniform(-0.8, 0.8))]


def degenerate(rng, height, width, count):
    """Few distinct points, repeated: no area, doubled edges, edges of no length."""
    points = [(rng.uniform(0, width), rng.uniform(0, height)) for _ in range(2 + count % 2)]
    return [v for _ in range(count) for v in rng.choice(points)]


def rectangle(rng, height, width, _count):
    x0, x1 = rng.uniform(-1, width + 1), rng.uniform(-1, width + 1)
    y0, y1 = rng.uniform(-1, height + 1), rng.uniform(-1, height + 1)
    return [x0, y0, x1, y0, x1, y1, x0, y1]


KINDS = [
    lambda *a: star(*a, 0), lambda *a: star(*a, 0.7), lambda *a: scatter(*a, 0),
    lambda *a: scatter(*a, 0.4), lambda *a: scatter(*a, 20), tiny, degenerate, rectangle,
]
GRIDS = [1, 0.5, 0.2, 0.1, 0.01, None]


def polygon_case(rng, index):
    height, width = SIZES[index % len(SIZES)]
    rings = []
    for _ in range(1 if rng.random() < 0.75 else rng.randint(2, 5)):
        count = rng.choice([3, 3, 4, 5, 7, 12] + ([60] if rng.random() < 0.2 else []))
        ring = rng.choice(KINDS)(rng, height, width, count)
        grid = rng.choice(GRIDS)
        # Decimal text either way: the reader must get the very same doubles.
        rings.append([round(v, 5) if grid is None else round(round(v / grid) * grid, 5)
                      for v in ring])
    rle = coco.merge(coco.frPyObjects(rings, height, width))
    return {"h": height, "w": width, "rings": rings, "counts": rle["counts"].decode(),
            "area": int(coco.area(rle)), "bbox": [int(v) for v in coco.toBbox(rle)]}


def mask_group(rng, height, width, count):
    """Random masks of one size, and the IoU of every pair."""
    masks, rles = [], []
    for index in range(count):
        density = rng.choice([0, 0.05, 0.3, 0.5, 0.9, 1])
        bits = np.array([[rng.random() < density for _ in range(width)] for _ in range(height)],
                        dtype=np.uint8)
        if index % 2 and height > 3 and width > 3:  # blocks have longer runs than noise
            bits = np.kron(bits, np.ones((3, 3), dtype=np.uint8))[:height, :width]
        rle = coco.encode(np.asfortranarray(bits))
        rles.append(rle)
        masks.append({"bits": "".join(map(str, bits.flatten())), "counts": rle["counts"].decode(),
                      "area": int(coco.area(rle)), "bbox": [int(v) for v in coco.toBbox(rle)]})
    return {"h": height, "w": width, "masks": masks,
            "iou": coco.iou(rles, rles, [0] * count).tolist(),
            "union": coco.merge(rles)["counts"].decode(),
            "intersection": coco.merge(rles, intersect=True)["counts"].decode()}


def main():
    rng = random.Random(SEED)
    polygons = [polygon_case(rng, index) for index in range(400)]
    groups = [mask_group(rng, h, w, n) for h, w, n in
              [(1, 1, 3), (1, 9, 4), (8, 1, 4), (2, 3, 5), (7, 5, 6), (16, 17, 6), (31, 33, 4)]]

    def lines(items):
        return ",\n".join(json.dumps(item, separators=(",", ":")) for item in items)

    print('{"polygons":[\n' + lines(polygons) + '\n],"masks":[\n' + lines(groups) + "\n]}")


if __name__ == "__main__":
    main()
