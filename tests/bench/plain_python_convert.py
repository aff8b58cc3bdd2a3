#!/usr/bin/env python3
"""The simplest conversion of a Label Studio JSON-min file to COCO: what a user would write first.

Polygons and rectangles without rotation, boxes, shoelace areas; no key points, no checks.
usage: plain_python_convert.py EXPORT.json COCO.json
"""
import json
import sys


def main():
    rows = json.load(open(sys.argv[1]))
    images, annotations, categories = [], [], {}
    for row in rows:
        image = {"id": len(images) + 1, "file_name": row["image"].split("/")[-1], "width": 0, "height": 0}
        images.append(image)
        for regions in row.values():
            if not isinstance(regions, list):
                continue
            for region in regions:
                w, h = region["original_width"], region["original_height"]
                image["width"], image["height"] = w, h
                if "points" in region:
                    points = [(x * w / 100, y * h / 100) for x, y in region["points"]]
                    label = region["polygonlabels"][0]
                elif "rectanglelabels" in region:
                    x, y = region["x"] * w / 100, region["y"] * h / 100
                    bw, bh = region["width"] * w / 100, region["height"] * h / 100
                    points = [(x, y), (x + bw, y), (x + bw, y + bh), (x, y + bh)]
                    label = region["rectanglelabels"][0]
                else:
                    continue
                xs, ys = [p[0] for p in points], [p[1] for p in points]
                area = abs(sum(xs[i - 1] * ys[i] - xs[i] * ys[i - 1] for i in range(len(points)))) / 2
                annotations.append({
                    "id": len(annotations) + 1, "image_id": image["id"], "iscrowd": 0, "area": area,
                    "category_id": categories.setdefault(label, len(categories) + 1),
                    "bbox": [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)],
                    "segmentation": [[c for p in points for c in p]]})
    json.dump({"images": images, "annotations": annotations,
               "categories": [{"id": i, "name": n} for n, i in categories.items()]}, open(sys.argv[2], "w"))


if __name__ == "__main__":
    main()
