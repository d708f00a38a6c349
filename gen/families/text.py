"""Words as a denoiser reads them: any length, and weighed against each other.

An encoder reads 77 tokens at most. A longer text is cut into chunks of 75, each between its own
start and end, each encoded apart, and they are joined along t, as A1111's web UI and compel do
(https://github.com/AUTOMATIC1111/stable-diffusion-webui/wiki/Features, *Infinite prompt length*).
The denoiser's attention takes any t.

Weights (`gen.weights`): with E(·) what the encoder makes of a text, w the weights,

    wanted    = Σ wᵢ E(pᵢ) / Σ wᵢ                    over the parts with wᵢ > 0
    unwanted  = (E(u) + Σ vⱼ E(qⱼ)) / (1 + Σ vⱼ)     over the parts with wⱼ < 0,  vⱼ = |wⱼ| / Σ wᵢ

where u is the negative prompt. The first is compel's `.blend()`. The second follows what several
conditions at once add up to under guidance (Liu et al., "Compositional Visual Generation with
Composable Diffusion Models", arXiv 2206.01714), in the encoder's space instead of the denoiser's,
so that it costs no further prediction: a weight near nothing changes nothing, a large one leads
away from its part alone, and only the weights' ratios count. A summary of a text (p) is weighed
likewise; of a long one the first chunk's stands for it.

Shapes: t tokens, d text width, p width of the summary.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gen import weights


@dataclass(frozen=True)
class Text:
    """A text as the denoiser reads it."""

    tokens: Tensor  # (1, t, d)
    pooled: Tensor | None = None  # (1, p): SDXL's summary of it

    @property
    def length(self) -> int:
        """How many tokens: t."""
        return self.tokens.shape[1]


class Chunk(NamedTuple):
    """As much of a text as an encoder reads at once."""

    ids: Tensor  # (1, t)
    mask: Tensor  # (1, t): 1 where something is said


Read = Callable[[str], Text]


def weighed(prompt: str, read: Read, nothing: Text) -> Text:
    """Read what is wanted."""
    wanted = [(read(part.text), part.weight) for part in weights.read(prompt) if part.weight > 0]
    return _mean(wanted, nothing)


def weighed_against(
    prompt: str, negative: str, read: Read, read_unwanted: Read, nothing: Text
) -> Text:
    """Read what is not wanted: the negative prompt, and what a prompt weighs below nothing."""
    parts = weights.read(prompt)
    whole = sum(part.weight for part in parts if part.weight > 0)
    against = [(read(part.text), -part.weight / whole) for part in parts if part.weight < 0]
    return _mean([(read_unwanted(negative), 1.0), *against], nothing)


def filled(text: Text, nothing: Text, length: int) -> Text:
    """Make a text longer by saying nothing at its end."""
    missing = (length - text.length) // nothing.length
    if missing <= 0:
        return text
    return Text(torch.cat([text.tokens, *[nothing.tokens] * missing], dim=1), text.pooled)


def joined(chunks: Sequence[Text]) -> Text:
    """Lay the chunks of one text one after the other."""
    if len(chunks) == 1:
        return chunks[0]
    return Text(torch.cat([one.tokens for one in chunks], dim=1), chunks[0].pooled)


def chunks_of(tokenizer: Any, text: str) -> list[Chunk]:
    """Cut a text into what its encoder can read at once: one chunk, mostly."""
    length = tokenizer.model_max_length
    ids = tokenizer(text, add_special_tokens=False, verbose=False).input_ids
    if len(ids) <= length - 2:
        whole = tokenizer(text, padding="max_length", max_length=length, return_tensors="pt")
        return [Chunk(whole.input_ids, whole.attention_mask)]
    return [
        _framed(tokenizer, ids[first : first + length - 2])
        for first in range(0, len(ids), length - 2)
    ]


def _framed(tokenizer: Any, ids: list[int]) -> Chunk:
    """Tokens between a start and an end, with padding after it."""
    said = [tokenizer.bos_token_id, *ids, tokenizer.eos_token_id]
    missing = tokenizer.model_max_length - len(said)
    return Chunk(
        torch.tensor([said + [tokenizer.pad_token_id] * missing]),
        torch.tensor([[1] * len(said) + [0] * missing]),
    )


def _mean(texts: Sequence[tuple[Text, float]], nothing: Text) -> Text:
    """Mean by weight of texts made as long as the longest; one alone is itself, bit by bit."""
    if len(texts) == 1:
        return texts[0][0]
    longest = max(text.length for text, _ in texts)
    whole = sum(weight for _, weight in texts)
    shares = [(filled(text, nothing, longest), weight / whole) for text, weight in texts]
    tokens = torch.stack([text.tokens * share for text, share in shares]).sum(dim=0)
    pooled = [text.pooled * share for text, share in shares if text.pooled is not None]
    return Text(tokens, torch.stack(pooled).sum(dim=0) if pooled else None)
