#!/usr/bin/env python3
"""End-to-end speed and memory, printed as ratios of one run.

usage: end_to_end.py BIN_DIR WORK_DIR [--repeat N] [--export-mb 200] [--coco-mb 400]

Each job is repeated in turn with its yardsticks, and the fastest run of each counts: the machine may be
busy with other things. Times of programs include their start; the yardstick is one pass of RapidJSON's
parser over bytes that lie in memory already.
"""
import argparse
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def measure(command, out):
    """Seconds and peak memory in bytes. `out` is removed first: to replace a file costs extra."""
    if os.path.exists(out):
        os.remove(out)
    start = time.perf_counter()
    pid = os.spawnvp(os.P_NOWAIT, command[0], command)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        sys.exit("failed: " + " ".join(command))
    return seconds, usage.ru_maxrss * 1024


def best(samples):
    return min(s for s, _ in samples), max(m for _, m in samples)


def report(title, path, out, job, python_command, sax, repeat):
    size = os.path.getsize(path)
    ours, python, passes = [], [], []
    for i in range(repeat):
        passes.append(float(subprocess.check_output([sax, path, "3"])))
        ours.append(measure(job, out))
        if i == 0:
            python.append(measure(python_command, out))
    seconds, memory = best(ours)
    python_seconds, python_memory = best(python)
    sax_seconds = min(passes)
    mb = size / 1e6
    print(f"\n{title}: {mb:.0f} MB")
    print(f"  labelloom                   {seconds:7.3f} s {mb / seconds:7.0f} MB/s, peak memory {memory / 1e6:.0f} MB")
    print(f"  empty RapidJSON SAX pass    {sax_seconds:7.3f} s {mb / sax_seconds:7.0f} MB/s")
    print(f"  python3, json module        {python_seconds:7.3f} s {mb / python_seconds:7.0f} MB/s, "
          f"peak memory {python_memory / 1e6:.0f} MB")
    print(f"  throughput / SAX pass       {sax_seconds / seconds:7.2f}   (wanted: at least 0.60)")
    print(f"  throughput / python3        {python_seconds / seconds:7.1f}   (wanted: at least 20)")
    print(f"  peak memory / file          {memory / size:7.2f}   (wanted: at most 1.20)")


def main():
    ap = argparse.ArgumentParser(usage=__doc__)
    ap.add_argument("bin"), ap.add_argument("work")
    ap.add_argument("--repeat", type=int, default=15)
    ap.add_argument("--export-mb", type=float, default=200)
    ap.add_argument("--coco-mb", type=float, default=400)
    args = ap.parse_args()
    os.makedirs(args.work, exist_ok=True)
    program = lambda name: os.path.join(args.bin, name)
    export = os.path.join(args.work, f"export-{args.export_mb:.0f}.min.json")
    coco = os.path.join(args.work, f"coco-{args.coco_mb:.0f}.json")
    out = os.path.join(args.work, "out.json")
    if not os.path.exists(export):
        folder = os.path.join(args.work, "scenes")
        scenes = int(args.export_mb * 1e6 / 21900)
        subprocess.check_call([program("make_samples"), "-o", folder, "--scenes", str(scenes), "--no-images",
                               "--min-only"])
        os.rename(os.path.join(folder, "export.min.json"), export)
    if not os.path.exists(coco):
        subprocess.check_call([program("make_coco"), coco, str(args.coco_mb)])
    report("convert, Label Studio JSON-min to COCO", export, out,
           [program("labelloom"), "convert", export, "-o", out, "--quiet"],
           ["python3", os.path.join(HERE, "plain_python_convert.py"), export, out], program("sax_pass"), args.repeat)
    report("convert, COCO read and written", coco, out,
           [program("labelloom"), "convert", coco, "-o", out, "--quiet"],
           ["python3", os.path.join(HERE, "plain_python_coco.py"), coco, out], program("sax_pass"), args.repeat)
    start = min(measure([program("labelloom"), "--version"], out)[0] for _ in range(10))
    print(f"\nlabelloom --version: {1000 * start:.1f} ms (wanted: under 50)")


if __name__ == "__main__":
    main()
