#!/usr/bin/env python3
"""Writes tests/data/png_values_golden.json: grey and palette PNGs of every depth, interlaced and not,
with and without tRNS and gAMA chunks, and the raw values of their samples.

Needs what make_bitmask_golden.py needs, which puts the PNGs together.
Usage: make_png_values_golden.py > tests/data/png_values_golden.json
"""
import base64
import json
import random
import struct

import numpy as np

from make_bitmask_golden import DEPTHS, chunk, png

SEED = 32
GAMMA_BEGIN = 33  # behind the signature and the header


def case(rng, colour, depth, interlaced, extra):
    height, width = rng.randint(1, 9), rng.randint(1, 11)
    top = 2 ** depth
    samples = np.array([[rng.randrange(top) for _ in range(width)] for _ in range(height)])
    palette = trns = None
    if colour == 3:
        palette = np.array([[rng.randrange(256) for _ in range(3)] for _ in range(top)], np.uint8)
    if extra:
        trns = bytes([0] * 2) if colour == 3 else struct.pack(">H", int(samples[0, 0]))
    data = png(samples[..., None], colour, depth, interlaced, palette, trns)
    if extra:
        gamma = chunk(b"gAMA", struct.pack(">I", 45455))
        data = data[:GAMMA_BEGIN] + gamma + data[GAMMA_BEGIN:]
    name = f"colour {colour}, {depth} bits" + (", interlaced" if interlaced else "")
    return {"name": name + (", tRNS and gAMA" if extra else ""), "w": width, "h": height,
            "base64": base64.b64encode(data).decode(), "values": samples.flatten().tolist()}


def main():
    rng = random.Random(SEED)
    cases = [case(rng, colour, depth, interlaced, extra) for colour in (0, 3)
             for depth in DEPTHS[colour] for interlaced in (False, True) for extra in (False, True)]
    print("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]")


if __name__ == "__main__":
    main()
