"""Writes pipelines with A.save, as JSON and YAML: tests/data/pipelines/albumentations_<version>_*.

    python make_pipeline_files.py FOLDER      # with the albumentations whose files are wanted (1.3.1, 2.0.8)

`everyday` is what people write, `containers` has every container, `all` every transform of the version that
LabelLoom has too, with its defaults.
"""

import inspect
import pathlib
import sys

import albumentations as A
import cv2

VERSION = A.__version__
FIRST = VERSION.startswith("1.")

NAMES = """HorizontalFlip VerticalFlip Transpose Flip RandomRotate90 D4 SquareSymmetry Rotate SafeRotate
ShiftScaleRotate Affine Perspective RandomScale CropAndPad PadIfNeeded ElasticTransform GridDistortion
OpticalDistortion CoarseDropout Cutout GridDropout PixelDropout RandomBrightness RandomContrast
RandomBrightnessContrast HueSaturationValue ColorJitter RandomGamma CLAHE Equalize ToGray ToSepia RGBShift
ChannelShuffle ChannelDropout InvertImg Posterize Solarize Blur GaussianBlur MedianBlur MotionBlur Defocus
Sharpen UnsharpMask Emboss GaussNoise ISONoise MultiplicativeNoise ImageCompression JpegCompression Downscale
RandomFog RandomRain RandomSnow RandomShadow RandomSunFlare""".split()


def sized(height, width):
    """RandomResizedCrop's size, as the version wants it."""
    return {"height": height, "width": width} if FIRST else {"size": (height, width)}


def everyday():
    return A.Compose(
        [
            A.HorizontalFlip(p=0.5),
            A.VerticalFlip(p=0.2),
            A.Affine(scale=(0.8, 1.2), translate_percent=0.1, rotate=(-15, 15), shear=(-5, 5), p=0.5),
            A.OneOf([A.RandomBrightnessContrast(p=1), A.HueSaturationValue(p=1)], p=0.3),
            A.Normalize(),
        ],
        bbox_params=A.BboxParams(format="coco", label_fields=["category_ids"], min_area=4, min_visibility=0.1),
        keypoint_params=A.KeypointParams(format="xy", remove_invisible=False),
    )


def containers():
    some = A.SomeOf([A.HorizontalFlip(p=0.3), A.VerticalFlip(p=1), A.NoOp(p=1)], n=2, p=0.5)
    steps = [
        some,
        A.Sequential([A.HorizontalFlip(p=1), A.VerticalFlip(p=1)], p=0.25),
        A.OneOrOther(A.HorizontalFlip(p=1), A.VerticalFlip(p=1), p=0.8),
        A.OneOf([A.OneOf([A.HorizontalFlip(p=1)], p=0.5), A.HorizontalFlip(p=0.25)], p=0.9),
    ]
    if not FIRST:
        steps.append(A.RandomOrder([A.HorizontalFlip(p=1), A.VerticalFlip(p=1)], n=2, p=1))
    return A.Compose(steps, p=0.75)


def all_transforms():
    steps = [getattr(A, name)() for name in NAMES if hasattr(A, name) and not needs_arguments(getattr(A, name))]
    present = {type(step).__name__ for step in steps}
    steps += [A.CropAndPad(percent=0.1)] if "CropAndPad" not in present else []
    steps += [
        A.Resize(height=240, width=320),
        A.LongestMaxSize(max_size=512, interpolation=cv2.INTER_AREA),
        A.SmallestMaxSize(max_size=256),
        A.RandomResizedCrop(**sized(200, 300)),
        A.RandomSizedCrop(min_max_height=(100, 150), **sized(160, 160)),
        A.BBoxSafeRandomCrop(erosion_rate=0.1),
        A.RandomSizedBBoxSafeCrop(height=128, width=192),
        A.Crop(x_min=1, y_min=2, x_max=100, y_max=90),
        A.CenterCrop(height=80, width=90),
        A.RandomCrop(height=64, width=64),
    ]
    return A.Compose(steps)


def needs_arguments(transform):
    parameters = list(inspect.signature(transform.__init__).parameters.values())[1:]
    return transform is A.CropAndPad or any(
        p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters
    )


def main():
    folder = pathlib.Path(sys.argv[1])
    for name, make in (("everyday", everyday), ("containers", containers), ("all", all_transforms)):
        for kind, ending in (("json", "json"), ("yaml", "yaml")):
            path = folder / f"albumentations_{VERSION}_{name}.{ending}"
            if name == "all" and kind == "yaml":
                continue
            A.save(make(), str(path), data_format=kind)


main()
