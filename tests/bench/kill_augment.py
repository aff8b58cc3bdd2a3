#!/usr/bin/env python3
"""Kills `labelloom augment` at random moments, lets it go on, and compares every byte with a run that
was left alone; then the same with a disk that fills up (a small tmpfs, if one may be mounted here).

usage: kill_augment.py BIN_DIR [--kills 50] [--variants 60] [--seed 1]
"""
import argparse
import hashlib
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = SOURCE / "samples" / "engine_parts"


def digests(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def run_until(command, seconds):
    """Whether the program was still running, and so was killed, after this time."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True


def check(name, expected, folder):
    found = digests(folder)
    if found == expected:
        print(f"{name}: all {len(found)} files are the same")
        return True
    differing = [f for f in expected.keys() | found.keys() if expected.get(f) != found.get(f)]
    print(f"{name}: {len(differing)} files differ, e.g. {sorted(differing)[:3]}")
    return False


def kill_often(command, output, expected, kills, whole_time, rng):
    """Kills spread over several jobs: each job is killed until it is through by itself."""
    killed = jobs = 0
    good = True
    while killed < kills:
        if run_until(command, rng.uniform(0.02, whole_time / 4)):
            killed += 1
            continue
        jobs += 1
        good = check(f"job {jobs}, {killed} kills so far", expected, output) and good
        shutil.rmtree(output)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return check(f"the last job, {killed} kills in all", expected, output) and good


def fill_disk(command, output, expected, size):
    """A tmpfs too small for the job, then enlarged."""
    output.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size // 2}", "tmpfs", str(output)]
    if subprocess.run(mount, stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("full disk: not tried, a tmpfs cannot be mounted here")
        return True
    try:
        stopped = subprocess.run(command, capture_output=True, text=True, check=False)
        one_line = stopped.returncode == 1 and stopped.stderr.count("\n") == 1
        print(f"full disk: status {stopped.returncode}: {stopped.stderr.strip()}")
        subprocess.run(
            ["mount", "-o", f"remount,size={size * 4}", str(output)], check=True)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return check("full disk, then resumed", expected, output) and one_line
    finally:
        subprocess.run(["umount", str(output)], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bin_dir", type=pathlib.Path)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--variants", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    program = str(options.bin_dir / "labelloom")
    rng = random.Random(options.seed)
    work = pathlib.Path(tempfile.mkdtemp(prefix="labelloom-kill-"))
    try:
        coco = str(work / "coco.json")
        subprocess.run([program, "convert", str(SAMPLES / "export.min.json"), "--images",
                        str(SAMPLES / "images"), "--config", str(SAMPLES / "label_config.xml"),
                        "-o", coco, "--quiet"], check=True)

        def command(name):
            return [program, "augment", coco, "--images", str(SAMPLES / "images"), "--pipeline",
                    str(SOURCE / "samples" / "pipelines" / "light.json"), "--variants",
                    str(options.variants), "--max-side", "640", "-o", str(work / name), "--quiet"]

        start = time.monotonic()
        subprocess.run(command("whole"), check=True, stdout=subprocess.DEVNULL)
        whole_time = time.monotonic() - start
        expected = digests(work / "whole")
        size = sum(f.stat().st_size for f in (work / "whole").rglob("*") if f.is_file())
        good = kill_often(
            command("killed"), work / "killed", expected, options.kills, whole_time, rng)
        good = fill_disk(command("full"), work / "full", expected, size) and good
        start = time.monotonic()
        subprocess.run(command("whole"), check=True, stdout=subprocess.DEVNULL)
        print(f"a rerun of a finished job took {time.monotonic() - start:.2f} s")
        return 0 if good else 1
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C")
    sys.exit(main())
