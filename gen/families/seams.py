"""Pictures that can be laid side by side: every convolution sees the other edge beyond its own.

Circular padding in place of zeros, in the denoiser and in the decoder, for the length of a call.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def closed(model: nn.Module, wanted: bool) -> Iterator[None]:
    """Let the edges of what a model computes meet, if that is wanted; as before afterwards."""
    turned = [one for one in model.modules() if isinstance(one, nn.Conv2d)] if wanted else []
    before = [one.padding_mode for one in turned]
    for one in turned:
        one.padding_mode = "circular"
    try:
        yield
    finally:
        for one, mode in zip(turned, before, strict=True):
            one.padding_mode = mode
