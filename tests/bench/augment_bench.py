#!/usr/bin/env python3
"""Augmentation beside its yardsticks, printed as ratios of one run.

usage: augment_bench.py BIN_DIR WORK_DIR [--albumentations PYTHON] [--photos 16] [--rounds 3]

The job: 1280 x 720 photographs with 8 polygons and 24 key points; HorizontalFlip + Affine +
RandomBrightnessContrast + HueSaturationValue; 8 variants of each, JPEG 95, on both cores.
Yardsticks: OpenCV's JPEG encoder on the same pictures, and Albumentations in a pool of 2 processes, run by the
python3 of a virtual environment that has it (pip install albumentations==2.0.8 opencv-python-headless);
without the option it is left out.

Everything is measured in turn, and the best round of each counts. Beside rates of the wall's clock stand
rates of the processors' time, which bear comparison on a machine that is busy with other things.
"""
import argparse
import os
import subprocess
import sys

WORKERS = 2
VARIANTS = 8
POLYGONS, POLYGON_POINTS, KEYPOINTS = 8, 24, 24


def augment_with_albumentations(paths):
    """Prints images a second of the wall's clock and of the processors' time. Runs in the environment."""
    import multiprocessing
    import resource
    import time

    def spent():
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return usage.ru_utime + usage.ru_stime

    def work(mine, queue):
        import albumentations
        import cv2
        import numpy

        cv2.setNumThreads(1)
        pipeline = albumentations.Compose(
            [
                albumentations.HorizontalFlip(p=0.5),
                albumentations.Affine(scale=(0.8, 1.2), translate_percent=(-0.1, 0.1), rotate=(-20, 20), p=1),
                albumentations.RandomBrightnessContrast(p=1),
                albumentations.HueSaturationValue(p=1),
            ],
            bbox_params=albumentations.BboxParams("coco", label_fields=["labels"]),
            keypoint_params=albumentations.KeypointParams("xy", remove_invisible=False),
        )
        random = numpy.random.default_rng(1)
        boxes = [[100.0 + 100 * i, 200, 150, 150] for i in range(POLYGONS)]
        points = random.uniform(100, 600, (POLYGONS * POLYGON_POINTS + KEYPOINTS, 2))
        queue.get()  # both are ready
        before = spent()
        for path in mine:
            picture = cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB)
            for _ in range(VARIANTS):
                out = pipeline(image=picture, bboxes=boxes, labels=[1] * POLYGONS, keypoints=points)
                bgr = cv2.cvtColor(out["image"], cv2.COLOR_RGB2BGR)
                cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 95])
        done.put(spent() - before)

    done = multiprocessing.Queue()
    start = multiprocessing.Queue()
    pool = [multiprocessing.Process(target=work, args=(paths[i::WORKERS], start)) for i in range(WORKERS)]
    for process in pool:
        process.start()
    time.sleep(8)  # imports
    began = time.perf_counter()
    for _ in pool:
        start.put(None)
    processor = sum(done.get() for _ in pool)
    wall = time.perf_counter() - began
    images = len(paths) * VARIANTS
    print("albumentations", images / wall, images / processor * WORKERS)


def rates(command):
    """{name: (of the wall's clock, of the processors' time)}"""
    lines = subprocess.check_output(command, text=True).splitlines()
    return {name: tuple(map(float, values)) for name, *values in map(str.split, lines)}


def main():
    if sys.argv[1:2] == ["--inside"]:
        augment_with_albumentations(sys.argv[2:])
        return
    ap = argparse.ArgumentParser(usage=__doc__)
    ap.add_argument("bin"), ap.add_argument("work")
    ap.add_argument("--albumentations")
    ap.add_argument("--photos", type=int, default=16)
    ap.add_argument("--rounds", type=int, default=3)
    args = ap.parse_args()
    bench = os.path.join(args.bin, "augment_bench")
    photos = os.path.join(args.work, "photographs")
    print(subprocess.check_output([bench, "make", photos, str(args.photos)], text=True).strip())
    paths = [os.path.join(photos, name) for name in sorted(os.listdir(photos))]

    best = {}
    for _ in range(args.rounds):
        found = rates([bench, "rates", photos, str(WORKERS)])
        if args.albumentations:
            found |= rates([args.albumentations, os.path.abspath(__file__), "--inside", *paths])
        for name, values in found.items():
            best[name] = tuple(map(max, best.get(name, values), values))

    print(f"written: {best.pop('kilobytes')[0]:.0f} KB an image\n")
    print(f"{'images a second, 2 cores':34} {'wall':>8} {'processor':>10}")
    for name, values in best.items():
        print(f"{name:34} {values[0]:8.1f} {values[1]:10.1f}")
    wanted = {"opencv_encode": "at least 0.60", "own_encode": "", "albumentations": "at least 4"}
    print()
    for name, wish in wanted.items():
        if name in best:
            ratio = [ours / theirs for ours, theirs in zip(best["augment"], best[name])]
            print(f"{'augment / ' + name:34} {ratio[0]:8.2f} {ratio[1]:10.2f}   {wish and f'(wanted: {wish})'}")
    print("\nmicroseconds of one core an image")
    print(subprocess.check_output([bench, "stages", photos], text=True), end="")


if __name__ == "__main__":
    main()
