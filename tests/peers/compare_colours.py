"""Prints how far colours after LabelLoom's transforms are from Albumentations' 2.0.8.

    pip install albumentations==2.0.8 opencv-python-headless
    ninja -C build change_colours
    python tests/peers/compare_colours.py build/bin/change_colours

What to expect: 0 or 1 nearly everywhere; 1 where Albumentations truncates and we round. More for
hue and saturation, which Albumentations keeps in 8 bits (steps of 2 degrees): going there and back
with OpenCV alone costs up to 6 levels of the noise and 3 of the smooth picture; we compute in
floating point. Equalize as Pillow differs because Albumentations 2 counts a level into its own sum;
ours is Pillow's own result, pixel for pixel.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import albumentations as A
import cv2
import numpy as np

JITTER = {"brightness": 1, "contrast": 1, "saturation": 1, "hue": 0}
STILL = {"hue_shift_limit": 0, "sat_shift_limit": 0, "val_shift_limit": 0}
CASES = [
    ("RandomBrightnessContrast", {"brightness_limit": 0.15, "contrast_limit": -0.3}),
    ("RandomBrightnessContrast",
     {"brightness_limit": 0.15, "contrast_limit": 0.3, "brightness_by_max": False}),
    ("RandomBrightnessContrast",
     {"brightness_limit": 0.15, "contrast_limit": 0.3, "ensure_safe_range": True}),
    ("HueSaturationValue", STILL | {"hue_shift_limit": 13}),
    ("HueSaturationValue", STILL | {"sat_shift_limit": 25}),
    ("HueSaturationValue", STILL | {"val_shift_limit": -17}),
    ("ColorJitter", JITTER | {"brightness": 1.17}),
    ("ColorJitter", JITTER | {"contrast": 0.83}),
    ("ColorJitter", JITTER | {"saturation": 1.19}),
    ("ColorJitter", JITTER | {"hue": 0.1}),
    ("RandomGamma", {"gamma_limit": 117}),
    ("CLAHE", {"clip_limit": 3}),
    ("Equalize", {"mode": "cv"}),
    ("Equalize", {"mode": "pil"}),
    ("Equalize", {"mode": "cv", "by_channels": False}),
    *(("ToGray", {"method": method})
      for method in ("weighted_average", "from_lab", "desaturation", "average", "max")),
    ("ToSepia", {}),
    ("RGBShift", {"r_shift_limit": 11, "g_shift_limit": -7, "b_shift_limit": 19}),
    ("InvertImg", {}),
    ("Posterize", {"num_bits": 3}),
    ("Solarize", {"threshold_range": 0.4}),
]


def fixed(value):
    """A range of one value, where Albumentations wants a range."""
    return value if isinstance(value, (bool, str)) else (value, value)


def pictures():
    random = np.random.default_rng(1).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    yield "noise", random
    y, x = np.mgrid[0:256, 0:256]
    yield "smooth", np.stack([60 + x // 2, 40 + y // 2, 90 + (x + y) // 8], -1).astype(np.uint8)


def line(number, name, settings):
    parts = [f"{number} {name}"]
    for key, value in settings.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        parts.append(f"{key} {text}" if isinstance(value, (bool, str)) else f"{key} {text} {text}")
    return ",".join(parts)


def main(program):
    print(f"{'picture':8}{'largest':>8}{'mean':>8}{'> 1':>8}  transform")
    for title, rgb in pictures():
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "in.png"
            cv2.imwrite(str(source), rgb[..., ::-1])
            lines = "\n".join(line(i, *case) for i, case in enumerate(CASES))
            subprocess.run([program, source, folder], input=lines, text=True, check=True)
            for i, (name, settings) in enumerate(CASES):
                ours = cv2.imread(f"{folder}/{i}.png")[..., ::-1].astype(int)
                values = {key: fixed(value) for key, value in settings.items()}
                theirs = getattr(A, name)(**values, p=1)(image=rgb)["image"].astype(int)
                apart = np.abs(ours - theirs)
                share = np.mean(apart > 1)
                print(f"{title:8}{apart.max():8}{apart.mean():8.3f}{share:8.2%}  {name} {settings}")


if __name__ == "__main__":
    main(sys.argv[1])
