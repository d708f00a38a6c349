"""What is measured of every finished picture before it leaves the worker. Decides nothing.

    fingerprint   a perceptual hash: a few bits apart for pictures that look alike
    scores        how sure a classifier is of each of its labels, when one is configured

The hash is pHash (Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions",
2010): which of the 64 lowest frequencies of the small grey picture are above their median. It
knows no colours, and no picture that is turned or mirrored.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import imagehash
import numpy as np
from PIL import Image

from gen import classifiers
from gen.images import Pixels
from gen.messages import Measure

Scores = tuple[tuple[str, float], ...]


def fingerprint(pixels: Pixels) -> str:
    """Return the perceptual hash of a picture, 64 bits as 16 hex digits."""
    return str(imagehash.phash(Image.fromarray(pixels)))


class Classifier:
    """A local image classifier. Everything that is missing or broken raises, at load or in use."""

    def __init__(self, folder: Path, device: str) -> None:
        import torch
        from transformers import AutoImageProcessor, AutoModelForImageClassification

        classifiers.demand(folder)
        here: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        # Pillow's way: torchvision is none of our libraries, and scores do not depend on it.
        self._processor = AutoImageProcessor.from_pretrained(folder, backend="pil", **here)
        model, told = AutoModelForImageClassification.from_pretrained(
            folder, use_safetensors=True, dtype=torch.float32, output_loading_info=True, **here
        )
        if told["missing_keys"] or told["mismatched_keys"]:  # they would be random numbers
            raise ValueError("the classifier lacks weights")
        self._model = model.eval().to(device)
        self._device = device
        self._labels = tuple(str(model.config.id2label[n]) for n in range(model.config.num_labels))
        several = model.config.problem_type == "multi_label_classification"
        self._scale = torch.sigmoid if several else _softmax

    def __call__(self, pictures: Sequence[Pixels]) -> list[Scores]:
        """Score each label for each picture. Raises ValueError where a score is no number."""
        import torch

        inputs = self._processor(images=list(pictures), return_tensors="pt")
        with torch.inference_mode():
            logits = self._model(**inputs.to(self._device)).logits
            rows = self._scale(logits.float()).cpu().tolist()
        if not all(math.isfinite(score) for row in rows for score in row):
            raise ValueError("the classifier gave no numbers")
        return [tuple(zip(self._labels, row, strict=True)) for row in rows]


class Gauge:
    """Measures finished pictures, with or without a classifier."""

    def __init__(self, classifier: Classifier | None = None) -> None:
        self._classifier = classifier

    def __call__(self, pictures: Sequence[Pixels]) -> tuple[Measure, ...]:
        """Return one measure for each picture."""
        scores = self._classifier(pictures) if self._classifier else [()] * len(pictures)
        return tuple(
            Measure(fingerprint(pixels), found)
            for pixels, found in zip(pictures, scores, strict=True)
        )


def load(folder: Path | None, device: str) -> Gauge:
    """Load what measures, and measure once: libraries and kernels load now, not on a job's time.

    Raises whatever keeps the classifier in `folder` from being used.
    """
    gauge = Gauge(Classifier(folder, device) if folder else None)
    gauge([np.zeros((64, 64, 3), dtype=np.uint8)])
    return gauge


def _softmax(logits: Any) -> Any:
    return logits.softmax(dim=-1)
