"""Exports a small model that keeps docs/model-contract.md, with its manifest.

    python tests/peers/export_model.py OUT.pt

Makes tests/data/tiny_model.pt and tests/data/tiny_model.json (PyTorch 2.13; LibTorch 1.13 loads
them).
"""

import json
import pathlib
import sys

import torch
from torch import nn


class TinyModel(nn.Module):
    """Two classes of boxes, three of pixels, one key point; outputs at stride 4."""

    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 3, 2, 1), nn.ReLU()
        )
        self.heads = nn.Conv2d(8, 1 + 2 + 4 + 3 + 1 + 2, 1)

    def forward(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        center, classes, box, segmentation, keypoints, offsets = torch.split(
            self.heads(self.trunk(images)), [1, 2, 4, 3, 1, 2], 1
        )
        return {
            "center": center, "classes": classes, "box": box.exp(),
            "seg_logits": segmentation, "keypoints": keypoints, "offsets": offsets,
        }


def main() -> None:
    out = pathlib.Path(sys.argv[1])
    torch.manual_seed(1)
    torch.jit.script(TinyModel().eval()).save(str(out))
    manifest = {
        "kind": "dense",
        "outputs": {"segmentation": "seg_logits"},  # the others have the contract's names
        "heads": {"boxes": True, "segmentation": True, "keypoints": True, "loss_prediction": False},
        "classes": ["bolt", "nut"],
        "seg_classes": ["background", "bolt", "nut"],
        "seg_of_class": [1, 2],
        "keypoints": [{"class": 0, "name": "head", "mirrored": 0}],
        "input": {"width": 64, "height": 64},
        "multiple_of": 4,
        "made_with": f"PyTorch {torch.__version__}",
    }
    out.with_suffix(".json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main()
