#!/usr/bin/env python3
"""Trains on scenes the project draws, predicts fresh ones, and prints what it scored and cost.

usage: train_scenes.py BIN_DIR WORK_DIR [--scenes N] [--epochs E] [--size WxH] [-- TRAIN OPTIONS...]
CPU seconds are user and system time of `labelloom train` alone, all threads together.
"""
import argparse
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import time


def run(*command, stdout=None):
    """Runs it; returns (wall seconds, CPU seconds)."""
    begin = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    subprocess.run([str(part) for part in command], check=True, stdout=stdout)
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = end.ru_utime - begin.ru_utime + end.ru_stime - begin.ru_stime
    return time.monotonic() - start, cpu


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--scenes", type=int, default=1600)
    parser.add_argument("--fresh", type=int, default=200)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--size", default="96x96")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments, more = parser.parse_known_args()
    more = [option for option in more if option != "--"]

    labelloom = arguments.bin / "labelloom"
    train, fresh, output = (arguments.work / name for name in ("train", "fresh", "run"))
    predictions = arguments.work / "predictions"
    for folder in (output, predictions):
        shutil.rmtree(folder, ignore_errors=True)
    make = [arguments.bin / "make_scenes", "--size", arguments.size]
    run(*make, "-o", train, "--scenes", arguments.scenes)
    run(*make, "-o", fresh, "--scenes", arguments.fresh, "--first", 100000)

    command = [labelloom, "train", "--train", train / "coco.json", "--images", train / "images",
               "--size", "small", "--input", arguments.size, "--epochs", arguments.epochs,
               "--device", "cpu", "--threads", arguments.threads, *more, "-o", output]
    print(" ".join(str(part) for part in command), flush=True)
    wall, cpu = run(*command, stdout=sys.stderr)
    run(labelloom, "predict", "--model", output, "--images", fresh / "coco.json", "--images-dir",
        fresh / "images", "--min-score", 0.01, "--device", "cpu", "-o", predictions)
    scores = json.loads(subprocess.run(
        [labelloom, "evaluate", "--gt", fresh / "coco.json", "--dt", predictions / "results.json",
         "--types", "bbox", "keypoints", "--seg-gt", fresh / "labels", "--seg-dt",
         predictions / "segmentation", "--json"],
        check=True, stdout=subprocess.PIPE).stdout)
    print(json.dumps(scores, indent=1))
    print(f"training took {wall:.0f} s, {cpu:.0f} CPU seconds")


if __name__ == "__main__":
    main()
