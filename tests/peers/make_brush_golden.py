#!/usr/bin/env python3
"""Writes tests/data/brush_golden.json: brush masks as label-studio-sdk packs and unpacks them.

Two kinds of case: pictures packed by the SDK's encoder, and streams of random groups (which begin
and end anywhere inside pixels, with other widths of the counts) that only its decoder has seen.
Needs label-studio-sdk (2.1.2 was used), numpy and pycocotools, in an environment of their own.
Usage: make_brush_golden.py > tests/data/brush_golden.json
"""
import base64
import json
import random

import numpy as np
from label_studio_sdk.converter import brush
from pycocotools import mask as coco

SEED = 4711


def expected(packed, height, width):
    alpha = brush.decode_rle(packed).reshape(height, width, 4)[:, :, 3]
    rle = coco.encode(np.asfortranarray((alpha > 0).astype(np.uint8)))
    return rle["counts"].decode()


def random_alpha(rng, height, width):
    """Blobs with soft borders, as a round brush leaves them."""
    rows, columns = np.mgrid[0:height, 0:width] + 0.5
    alpha = np.zeros((height, width))
    for _ in range(rng.randint(0, 4)):
        y, x = rng.uniform(0, height), rng.uniform(0, width)
        radius = rng.uniform(0.5, 0.4 * max(height, width))
        alpha = np.maximum(alpha, np.clip(radius + 0.5 - np.hypot(rows - y, columns - x), 0, 1))
    return np.round(alpha * 255).astype(np.uint8)


def picture_case(rng, height, width):
    alpha = random_alpha(rng, height, width)
    rgba = np.repeat(alpha.flatten(), 4)
    if rng.random() < 0.3:  # only alpha counts
        rgba = rgba.reshape(-1, 4).copy()
        rgba[:, :3] = 255 - rgba[:, :3]
        rgba = rgba.flatten()
    packed = brush.encode_rle(rgba.astype(np.uint8))
    return bytes(int(v) for v in packed), height, width


def stream_case(rng, height, width):
    count_bits = [rng.randint(1, 16) for _ in range(4)]
    total = height * width * 4
    bits = f"{total:032b}{7:05b}" + "".join(f"{n - 1:04b}" for n in count_bits)
    done = 0
    while done < total:
        kind = rng.randrange(4)
        count = min(rng.randint(1, 1 << count_bits[kind]), rng.choice([3, 9, 40, total]),
                    total - done)
        repeat = rng.random() < 0.5
        bits += f"{int(repeat)}{kind:02b}{count - 1:0{count_bits[kind]}b}"
        for _ in range(1 if repeat else count):
            bits += f"{rng.choice([0, 0, 0, 1, 128, 255]):08b}"
        done += count
    bits += "0" * (-len(bits) % 8) + rng.choice(["", "00000000"])
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8)), height, width


def main():
    rng = random.Random(SEED)
    cases = []
    for height, width in [(1, 1), (1, 7), (9, 1), (2, 3), (17, 13), (40, 50), (64, 64), (90, 33)]:
        cases += [picture_case(rng, height, width) for _ in range(3)]
        if height * width <= 1000:
            cases += [stream_case(rng, height, width) for _ in range(8)]
    rows = [json.dumps({"h": height, "w": width, "base64": base64.b64encode(packed).decode(),
                        "counts": expected(packed, height, width)}, separators=(",", ":"))
            for packed, height, width in cases]
    print("[\n" + ",\n".join(rows) + "\n]")


if __name__ == "__main__":
    main()
