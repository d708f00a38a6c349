"""LoRAs: small weights beside a model's own, put on for the length of a call.

Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models" (arXiv 2106.09685). Where a layer
computes W x, one that is worn with weight s adds s · α/r · B A x; r is its rank and α what it was
trained with. Nothing of the model is changed, so that a call without them is the same to the last
bit. The adapter library that diffusers works with (peft) would do the same; it adds two seconds and
260 modules to every start of a worker, whether any LoRA is there or not.

Files are diffusers' own or kohya's; diffusers reads the names of both.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import linear

from gen.errors import ModelFault
from gen.loras import is_plain

Worn = tuple[tuple[str, float], ...]  #: names and their weights

_BENT = ("unet", "text_encoder", "text_encoder_2")
_KEY = re.compile(
    r"(?P<part>unet|text_encoder|text_encoder_2)\.(?P<layer>.+?)"
    r"[._](?:lora|lora_linear_layer)[._](?P<which>down|A|up|B)\.(?:default\.)?weight"
)


@dataclass(frozen=True)
class _Pair:
    """What one LoRA adds to one layer."""

    down: Tensor  # (r, in): A; (r, in, k, k) for a convolution
    up: Tensor  # (out, r): B; (out, r, 1, 1)
    scale: float  # α/r


class Loras:
    """The LoRAs of a model that is loaded; none is worn unless a call says so."""

    def __init__(self, pipeline: Any) -> None:
        self._read = type(pipeline).lora_state_dict  # it knows how files call the layers
        self._unet = pipeline.unet
        parts = {name: getattr(pipeline, name, None) for name in _BENT}
        self._layers = {
            (name, _flat(path)): layer
            for name, part in parts.items()
            if part is not None
            for path, layer in part.named_modules()
            if isinstance(layer, nn.Linear | nn.Conv2d)
        }
        self._pairs: dict[nn.Module, dict[str, _Pair]] = {}
        self._names: set[str] = set()
        self._worn: Worn = ()

    def add(self, name: str, file: Path) -> None:
        """Read a file. Raises ModelFault when it does not belong to this model."""
        try:
            weights = load_file(file)
            plain = is_plain(weights)
            read, alphas = self._read(weights, unet_config=self._unet.config)
        except (ValueError, KeyError, OSError, SafetensorError) as fault:
            raise ModelFault(f"LoRA {name}: not in a form that is known here") from fault
        if not plain:
            raise ModelFault(f"LoRA {name}: of a kind that is not spoken here; use a plain one")
        found: dict[tuple[str, str], dict[str, Tensor]] = {}
        for key, weights in read.items():
            match = _KEY.fullmatch(key)
            if match is None:
                raise ModelFault(f"LoRA {name}: of a kind that is not spoken here; use a plain one")
            which = "down" if match["which"] in ("down", "A") else "up"
            found.setdefault((match["part"], match["layer"]), {})[which] = weights
        trained = {_layer_of(key): float(alpha) for key, alpha in (alphas or {}).items()}
        for (part, path), pair in found.items():
            self._hook(name, part, path, pair, trained.get((part, path)))
        self._names.add(name)

    @property
    def are_worn(self) -> bool:
        """Whether any is put on just now."""
        return bool(self._worn)

    @contextmanager
    def worn(self, wanted: Worn) -> Iterator[None]:
        """Put these on until the block ends. Raises KeyError for one that was never added."""
        if not self._names.issuperset(name for name, _ in wanted):
            raise KeyError("no such LoRA")
        self._worn = wanted
        try:
            yield
        finally:
            self._worn = ()

    def _hook(
        self, name: str, part: str, path: str, pair: dict[str, Tensor], alpha: float | None
    ) -> None:
        layer = self._layers.get((part, _flat(path)))
        if layer is None or set(pair) != {"down", "up"}:
            raise ModelFault(
                f"LoRA {name}: made for another model, whose layers are not this one's"
            )
        down, up = (pair[one].to(layer.weight) for one in ("down", "up"))
        if isinstance(layer, nn.Linear):
            down, up = down.flatten(1), up.flatten(1)
        if (up.shape[0], down.shape[1]) != tuple(layer.weight.shape[:2]):
            raise ModelFault(f"LoRA {name}: made for another model, whose layers are not as wide")
        rank = down.shape[0]
        if layer not in self._pairs:
            layer.register_forward_hook(self._add)
        self._pairs.setdefault(layer, {})[name] = _Pair(down, up, (alpha or rank) / rank)

    def _add(self, layer: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> Tensor:
        for name, weight in self._worn:
            if pair := self._pairs[layer].get(name):
                output = output + weight * pair.scale * _low_rank(layer, pair, given[0])
        return output


def _low_rank(layer: nn.Module, pair: _Pair, x: Tensor) -> Tensor:
    """B A x."""
    if isinstance(layer, nn.Conv2d):  # A as the layer's own kernel, which knows its padding
        return torch.conv2d(layer._conv_forward(x, pair.down, None), pair.up)
    return linear(linear(x, pair.down), pair.up)


def _layer_of(alpha: str) -> tuple[str, str]:
    """The part and the layer that an α is for; diffusers names it after the layer or after A."""
    plain = alpha.removesuffix(".alpha")
    if match := _KEY.fullmatch(plain):
        return match["part"], match["layer"]
    part, _, layer = plain.partition(".")
    return part, layer


def _flat(path: str) -> str:
    """A layer's name, however a file spells it."""
    plain = path.replace("text_model.", "").replace(".processor", "")
    for old, new in (("self_attn.to_out", "self_attn.out_proj"), ("to_out.0", "to_out")):
        plain = plain.replace(old, new)
    plain = re.sub(r"self_attn\.to_([qkv])", r"self_attn.\1_proj", plain)
    return plain.replace(".", "_")
