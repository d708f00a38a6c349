"""Latents as a transformer reads them: squares of two by two, one after the other.

Shapes: n pictures, c channels, h w height and width of the latents, s = h/2 · w/2 patches.
"""

import torch
from torch import Tensor


def pack(latents: Tensor) -> Tensor:
    """(n, c, h, w) -> (n, s, 4c)."""
    n, c, h, w = latents.shape
    squares = latents.reshape(n, c, h // 2, 2, w // 2, 2)
    return squares.permute(0, 2, 4, 1, 3, 5).reshape(n, h // 2 * (w // 2), 4 * c)


def unpack(packed: Tensor, rows_columns: tuple[int, int]) -> Tensor:
    """(n, s, 4c) -> (n, c, h, w)."""
    (n, _, c4), (rows, columns) = packed.shape, rows_columns
    squares = packed.reshape(n, rows, columns, c4 // 4, 2, 2)
    return squares.permute(0, 3, 1, 4, 2, 5).reshape(n, c4 // 4, 2 * rows, 2 * columns)


def places(rows_columns: tuple[int, int]) -> Tensor:
    """(s, 3): each patch's row and column, for rotary positions; the first number is a text's."""
    rows, columns = torch.meshgrid(*map(torch.arange, rows_columns), indexing="ij")
    return torch.stack([torch.zeros_like(rows), rows, columns], dim=-1).reshape(-1, 3)
