#!/usr/bin/env python3
"""One multi-task network against one network a task, all of these at the same time: pictures a second and memory.

usage: multi_against_single.py BIN_DIR WORK_DIR [--size small|base|large] [--input WxH] [--pictures N]

What table II of Sharma, Angleraud and Pieters, "Multi-label annotation for visual multi-task learning models", compares. The
networks are trained for a step on drawn scenes (what they know does not change what they cost), then predict N pictures. Key
points need a box to belong to, so that network has both heads. A set of programs has the rate of its slowest one; its memory is
the largest sum of the programs' proportional set sizes (pages that programs share count once), looked at ten times a second.
Single-task programs run twice, with all processors each and with one thread each; the faster way counts.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import time

MULTI = ["boxes,segmentation,keypoints"]
SINGLE = ["boxes", "segmentation", "boxes,keypoints"]


def proportional_set_size(process):
    """MB, 0 once it has ended."""
    try:
        text = pathlib.Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found.group(1)) / 1024 if found else 0


def train(labelloom, work, heads, options):
    run = work / heads.replace(",", "_")
    shutil.rmtree(run, ignore_errors=True)
    scenes = work / "few"
    subprocess.run([labelloom, "train", "--train", scenes / "coco.json", "--images", scenes / "images", "--size", options.size,
                    "--input", options.input, "--epochs", "1", "--pipeline", "none", "--heads", *heads.split(","), "--device", "cpu",
                    "-o", run, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return run


def predict(labelloom, work, runs, more):
    """(pictures a second of the slowest, MB of all at once)."""
    programs = []
    for run in runs:
        shutil.rmtree(work / f"predictions_{run.name}", ignore_errors=True)
        # labelloom-torch itself: its memory is asked for by process number.
        programs.append(subprocess.Popen(
            [labelloom, "predict", "--model", run, "--images", work / "many" / "coco.json", "--images-dir",
             work / "many" / "images", "--device", "cpu", *more, "-o", work / f"predictions_{run.name}"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
    memory = 0
    while any(program.poll() is None for program in programs):
        memory = max(memory, sum(proportional_set_size(program) for program in programs))
        time.sleep(0.1)
    rates = []
    for program in programs:
        said = program.stdout.read()
        if program.returncode != 0:
            raise SystemExit(f"predict failed: {said}")
        rates.append(float(re.search(r"([\d.]+) images/s", said).group(1)))
    return min(rates), memory


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--size", default="small")
    parser.add_argument("--input", default="512x512")
    parser.add_argument("--pictures", type=int, default=200)
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    labelloom = options.bin / "labelloom"
    for folder, count in (("few", 8), ("many", options.pictures)):
        subprocess.run([options.bin / "make_scenes", "--size", options.input, "-o", options.work / folder, "--scenes", str(count)],
                       check=True, stdout=subprocess.DEVNULL)
    multi = [train(labelloom, options.work, heads, options) for heads in MULTI]
    single = [train(labelloom, options.work, heads, options) for heads in SINGLE]
    multi_rate, multi_memory = predict(labelloom, options.work, multi, [])
    ways = [predict(labelloom, options.work, single, more) for more in ([], ["--threads", "1"])]
    single_rate, single_memory = max(ways)
    print(f"multi-task                     {multi_rate:6.1f} images/s {multi_memory:6.0f} MB")
    print(f"single-task, at the same time  {single_rate:6.1f} images/s {single_memory:6.0f} MB")
    print(f"ratio                          {multi_rate / single_rate:6.2f}          {multi_memory / single_memory:6.2f}")


if __name__ == "__main__":
    main()
