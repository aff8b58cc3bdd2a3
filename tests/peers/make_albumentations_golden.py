#!/usr/bin/env python3
"""Writes tests/data/albumentations_golden.json: where Albumentations puts boxes and key points.

Needs albumentations (2.0.8 was used) and numpy in an environment of their own; the tests only read
the file. Ranges are single values, so that nothing is left to chance.
Usage: make_albumentations_golden.py > tests/data/albumentations_golden.json
"""
import json

import albumentations as A
import numpy as np

WIDTH, HEIGHT = 320, 240
BOXES = [[100, 80, 180, 150], [120.5, 60.25, 200.75, 190.5], [150, 110, 170, 130]]
KEYPOINTS = [[100, 80], [160.5, 120.25], [199, 131], [140.125, 90.75], [170, 150]]
TRANSFORMS = [
    A.HorizontalFlip(p=1),
    A.VerticalFlip(p=1),
    A.Transpose(p=1),
    A.Rotate(limit=(30, 30), p=1),
    A.Rotate(limit=(-17.5, -17.5), p=1),
    A.Rotate(limit=(20, 20), crop_border=True, p=1),
    A.SafeRotate(limit=(25, 25), p=1),
    A.ShiftScaleRotate(shift_limit_x=(0.05, 0.05), shift_limit_y=(-0.05, -0.05), scale_limit=(0.1, 0.1),
                       rotate_limit=(20, 20), p=1),
    A.Affine(scale=(0.8, 0.8), p=1),
    A.Affine(scale={"x": (1.2, 1.2), "y": (0.9, 0.9)}, p=1),
    A.Affine(rotate=(12, 12), translate_px={"x": (7, 7), "y": (-5, -5)}, p=1),
    A.Affine(rotate=(-33, -33), scale=(0.7, 0.7), shear={"x": (8, 8), "y": (0, 0)}, p=1),
    A.Affine(shear={"x": (0, 0), "y": (6, 6)}, p=1),
    A.Resize(height=360, width=400, p=1),
    A.RandomScale(scale_limit=(0.5, 0.5), p=1),
    A.RandomScale(scale_limit=(-0.3, -0.3), p=1),
    A.LongestMaxSize(max_size=512, p=1),
    A.SmallestMaxSize(max_size=201, p=1),
    A.CenterCrop(height=200, width=220, p=1),
    A.Crop(x_min=40, y_min=30, x_max=290, y_max=222, p=1),
    A.CropAndPad(px=(10, 20, 30, 5), keep_size=False, p=1),
    A.CropAndPad(px=(-12, -8, -4, -16), keep_size=False, p=1),
    A.PadIfNeeded(min_height=300, min_width=401, p=1),
    A.PadIfNeeded(min_height=300, min_width=401, position="top_left", p=1),
]
# Key points of these are moved by the formula for edges in 2.0.8 (AlbumentationsX 2.4.11 mended it).
EDGE_KEYPOINTS = {"Resize", "RandomScale", "LongestMaxSize", "SmallestMaxSize"}


def run(transform):
    compose = A.Compose(
        [transform],
        bbox_params=A.BboxParams(format="pascal_voc", label_fields=["ids"], min_area=0, min_visibility=0),
        keypoint_params=A.KeypointParams(format="xy", remove_invisible=False))
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    result = compose(image=image, bboxes=np.array(BOXES, np.float64), ids=list(range(len(BOXES))),
                     keypoints=np.array(KEYPOINTS, np.float64))
    name = type(transform).__name__
    height, width = result["image"].shape[:2]
    return {
        "pipeline": A.to_dict(compose),
        "name": name,
        "size": [width, height],
        "keypoints_are_edges": name in EDGE_KEYPOINTS,
        "boxes": [[int(i)] + [round(float(v), 5) for v in box] for i, box in zip(result["ids"], result["bboxes"])],
        "keypoints": [[round(float(v), 5) for v in point[:2]] for point in result["keypoints"]],
    }


def main():
    golden = {"albumentations": A.__version__, "size": [WIDTH, HEIGHT], "boxes": BOXES, "keypoints": KEYPOINTS,
              "cases": [run(transform) for transform in TRANSFORMS]}
    print(json.dumps(golden, separators=(",", ":")).replace('{"pipeline"', '\n{"pipeline"'))


if __name__ == "__main__":
    main()
