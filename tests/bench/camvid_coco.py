#!/usr/bin/env python3
"""CamVid's label maps as a COCO file, for studies of selection on real pictures.

usage: camvid_coco.py LABELS_DIR OUT.json CLASSES.json      (needs numpy and OpenCV)

Boxes and masks are the 8-connected components of at least 100 pixels of the classes that can be counted: cars that touch are one
object, a car behind a pole is two. OUT.json names the pictures NAME.jpg; CLASSES.json is what `--seg-classes` wants.
"""
import json
import pathlib
import sys

import cv2
import numpy as np

CLASSES = ["Sky", "Building", "Pole", "Road", "Pavement", "Tree", "SignSymbol", "Fence", "Car", "Pedestrian", "Bicyclist"]
OBJECTS = ["Car", "Pedestrian", "Bicyclist"]
LEAST_PIXELS = 100


def runs(mask):
    """COCO's run lengths: down the columns, the first run counts background."""
    flat = mask.flatten(order="F").astype(np.int8)
    changes = np.flatnonzero(np.diff(flat)) + 1
    ends = np.concatenate([changes, [flat.size]])
    counts = np.diff(np.concatenate([[0], ends])).tolist()
    return counts if flat[0] == 0 else [0] + counts


def main():
    labels, out, classes = (pathlib.Path(a) for a in sys.argv[1:4])
    images, annotations = [], []
    for file in sorted(labels.glob("*.png")):
        values = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        height, width = values.shape
        images.append({"id": len(images) + 1, "file_name": file.stem + ".jpg", "width": width, "height": height})
        for number, name in enumerate(OBJECTS):
            count, parts, stats, _ = cv2.connectedComponentsWithStats((values == CLASSES.index(name)).astype(np.uint8), connectivity=8)
            for part in range(1, count):
                x, y, w, h, area = (int(v) for v in stats[part])
                if area < LEAST_PIXELS:
                    continue
                annotations.append({"id": len(annotations) + 1, "image_id": len(images), "category_id": number + 1,
                                    "bbox": [x, y, w, h], "area": area, "iscrowd": 0,
                                    "segmentation": {"size": [height, width], "counts": runs(parts == part)}})
    categories = [{"id": i + 1, "name": name} for i, name in enumerate(OBJECTS)]
    out.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    classes.write_text(json.dumps({"classes": CLASSES, "ignore": [len(CLASSES), 255]}))
    print(f"{len(images)} images, {len(annotations)} objects")


if __name__ == "__main__":
    main()
