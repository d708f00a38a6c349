"""Large pictures by a model that was trained on small ones: overlapping windows, and their mean.

Bar-Tal et al., "MultiDiffusion: Fusing Diffusion Paths for Controlled Image Generation"
(arXiv 2302.08113): at each step every window is predicted apart, and where windows overlap, the
mean counts. Good for a picture whose whole is already there (an enlarged one); without that, every
window would paint a whole of its own.

Shapes: b samples, c latent channels, h w latent height and width.
"""

from collections.abc import Callable

import torch
from torch import Tensor

_OVERLAP = 1 / 4  #: share of a window that its neighbour sees, too


def places(length: int, window: int) -> list[int]:
    """Where windows begin along an axis, evenly, from one end to the other."""
    if length <= window:
        return [0]
    stride = max(1, int(window * (1 - _OVERLAP)))
    count = -(-(length - window) // stride) + 1
    return [round(number * (length - window) / (count - 1)) for number in range(count)]


def fused(predict: Callable[[Tensor], Tensor], x: Tensor, window: int) -> Tensor:
    """Predict a large x (b, c, h, w) window by window -> (b, c, h, w)."""
    height, width = x.shape[-2:]
    total = torch.zeros_like(x)
    seen = x.new_zeros(1, 1, height, width)
    for top in places(height, window):
        for left in places(width, window):
            here = (..., slice(top, top + window), slice(left, left + window))
            total[here] += predict(x[here])
            seen[here] += 1
    return total / seen
