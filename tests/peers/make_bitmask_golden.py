#!/usr/bin/env python3
"""Writes tests/data/bitmask_golden.json: a PNG of every colour type, bit depth and interlacing, with
and without a tRNS chunk, and the mask that its samples mean. The PNGs are put together here, since
common encoders cannot write half of these; Pillow must agree with the mask where it keeps the bits.

Needs Pillow, numpy and pycocotools, in an environment of their own.
Usage: make_bitmask_golden.py > tests/data/bitmask_golden.json
"""
import base64
import io
import json
import random
import struct
import zlib

import numpy as np
from PIL import Image
from pycocotools import mask as coco

SEED = 31
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]}
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
          (0, 1, 1, 2)]  # first column, first row, column step, row step


def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data
            + struct.pack(">I", zlib.crc32(kind + data)))


def packed_rows(samples, depth):
    """Filter byte 0 and the samples of each row, `depth` bits each."""
    out = b""
    if samples.size == 0:
        return out
    for row in samples.reshape(samples.shape[0], -1):
        bits = "".join(f"{int(v):0{depth}b}" for v in row)
        bits += "0" * (-len(bits) % 8)
        out += b"\0" + bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
    return out


def png(samples, colour, depth, interlaced, palette, trns):
    height, width = samples.shape[:2]
    if interlaced:
        data = b"".join(packed_rows(samples[y::dy, x::dx], depth) for x, y, dx, dy in PASSES)
    else:
        data = packed_rows(samples, depth)
    out = b"\x89PNG\r\n\x1a\n" + chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced)))
    if palette is not None:
        out += chunk(b"PLTE", bytes(palette.flatten()))
    if trns is not None:
        out += chunk(b"tRNS", trns)
    return out + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")


def case(rng, colour, depth, interlaced, transparent):
    height, width = rng.randint(1, 12), rng.randint(1, 14)
    top = (1 << depth) - 1
    choices = [0, 0, top, 1, rng.randint(0, top)]
    samples = np.array([[[rng.choice(choices) for _ in range(CHANNELS[colour])]
                         for _ in range(width)] for _ in range(height)])
    palette, trns = None, None
    mask = (samples[:, :, -1:] if colour in (4, 6) else samples).any(axis=2)
    if colour == 3:
        palette = np.array([[rng.choice([0, 0, 3]) for _ in range(3)] for _ in range(top + 1)],
                           dtype=np.uint8)
        mask = palette[samples[:, :, 0]].any(axis=2)
        if transparent:
            alpha = [rng.choice([0, 1, 255]) for _ in range(min(top + 1, 200))]
            trns = bytes(alpha)
            mask = np.array(alpha + [255] * (top + 1 - len(alpha)))[samples[:, :, 0]] > 0
    elif transparent:
        key = samples[0, 0]
        trns = b"".join(struct.pack(">H", int(v)) for v in key)
        mask = (samples != key).any(axis=2)
    data = png(samples, colour, depth, interlaced, palette, trns)
    # Pillow compares a tRNS key with grey samples that it has stretched to 8 bits; the standard
    # with those in the file.
    if depth < 16 and not (transparent and colour == 0 and depth < 8):
        rgba = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))
        has_alpha = colour in (4, 6) or transparent
        pillow = rgba[:, :, 3] > 0 if has_alpha else rgba[:, :, :3].any(axis=2)
        assert (pillow == mask).all(), (colour, depth, interlaced, transparent)
    rle = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"name": f"colour {colour}, {depth} bits"
                    + (", interlaced" if interlaced else "") + (", tRNS" if transparent else ""),
            "h": height, "w": width, "base64": base64.b64encode(data).decode(),
            "counts": rle["counts"].decode()}


def main():
    rng = random.Random(SEED)
    rows = []
    for colour, depths in DEPTHS.items():
        for depth in depths:
            for interlaced in (False, True):
                for transparent in ((False, True) if colour in (0, 2, 3) else (False,)):
                    rows.append(case(rng, colour, depth, interlaced, transparent))
    print("[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]")


if __name__ == "__main__":
    main()
