"""What pycocotools makes of a COCO file."""
from pycocotools import mask as mask_utils
from pycocotools.coco import COCO


def instances(path):
    """One dict an annotation: id, area as the file says, the mask's pixels, box and compressed run lengths."""
    coco = COCO(path)
    rows = []
    for ann in coco.loadAnns(sorted(coco.getAnnIds())):
        if not ann["segmentation"]:  # pycocotools cannot draw it; labelloom validate says so
            continue
        rle = coco.annToRLE(ann)
        counts = rle["counts"] if isinstance(rle["counts"], str) else rle["counts"].decode()
        rows.append({"id": ann["id"], "area": ann["area"], "bbox": ann["bbox"],
                     "pixels": int(mask_utils.area(rle)), "mask_bbox": [float(v) for v in mask_utils.toBbox(rle)],
                     "counts": counts, "keypoints": ann.get("keypoints", [])})
    return rows
