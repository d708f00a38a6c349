"""Which model a LoRA was made for, from the header of its file. Pure.

A LoRA bends layers of one architecture; on another it does not fit. The width of the text that its
cross-attention reads tells them apart: 768 is SD 1, 1024 is SD 2, 2048 is SDXL.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_FAMILY_OF_WIDTH = {768: "sd", 1024: "sd", 2048: "sdxl"}
_NAME_OF_WIDTH = {768: "Stable Diffusion 1", 1024: "Stable Diffusion 2", 2048: "SDXL"}

_READS_TEXT = re.compile(r"attn2[._](?:processor[._])?to[._][kv][._].*(?:down|lora_A)\b.*weight$")
_SECOND_READER = re.compile(r"^(?:lora_te2_|text_encoder_2\.)")
_OF_A_TRANSFORMER = re.compile(
    r"^(?:(?:base_model\.model\.)?transformer\.|lora_transformer_|lora_unet_(?:double|single)_)"
)
_OTHER_KINDS = ("hada_w", "lokr_w", "dora_scale", "oft_", "boft_", ".diff")


def text_width(header: Mapping[str, Any]) -> int | None:
    """How wide the text is that its cross-attention reads; None when it bends none."""
    for name, shape in _shapes(header):
        if len(shape) > 1 and _READS_TEXT.search(name):
            return shape[1]
    return None


def family_of(header: Mapping[str, Any]) -> str | None:
    """Name the family it was made for (`gen.families`); None when nothing tells."""
    names = [name for name, _ in _shapes(header)]
    if any(map(_OF_A_TRANSFORMER.search, names)):
        return "flux"
    if (width := text_width(header)) in _FAMILY_OF_WIDTH:
        return _FAMILY_OF_WIDTH[width]
    return "sdxl" if any(map(_SECOND_READER.search, names)) else None


def is_plain(names: Iterable[str]) -> bool:
    """Say whether it is two matrices for each layer, and nothing that would be left out unsaid."""
    return not any(kind in name for name in names for kind in _OTHER_KINDS)


def misfit(header: Mapping[str, Any], family: str, cross_attention_dim: int | None) -> str | None:
    """Say why a LoRA cannot be used with a model, in a line that says what to do; None: it can.

    `header` is that of its safetensors file, `cross_attention_dim` what the model's own
    `unet/config.json` says.
    """
    names = [name for name, _ in _shapes(header)]
    if not is_plain(names):
        return "of a kind that is not spoken (LoHa, LoKr, DoRA, OFT); use a plain LoRA"
    if not any("lora" in name for name in names):
        return "no LoRA; take its line out"
    width, made_for = text_width(header), family_of(header)
    if width is not None and cross_attention_dim is not None and width != cross_attention_dim:
        other = _NAME_OF_WIDTH.get(width, "another model")
        return f"a LoRA for {other}; use one that was made for this model"
    if made_for is not None and made_for != family and width is None:
        return f"a LoRA for the family {made_for}; use one that was made for {family}"
    return None


def _shapes(header: Mapping[str, Any]) -> Iterable[tuple[str, Sequence[int]]]:
    for name, tensor in header.items():
        if name != "__metadata__":
            yield name, tensor.get("shape", ())
