"""Pocket's tokenizer: every word of the grammar is one token, everything else falls to pieces.

A `CLIPTokenizer` is byte-level BPE: the 256 byte letters (and the same 256 as word ends), then what
merges of them make. Known words get merges that build them up from the left; an unknown word ends
as a few letters, which training teaches the model to ignore.
"""

from __future__ import annotations

from transformers import CLIPTokenizer
from transformers.convert_slow_tokenizer import bytes_to_unicode

from gen.pocket.captions import words

#: Tokens of a caption, start and end included; our longest caption takes about 20.
MAX_TOKENS = 24


def build_tokenizer(known: tuple[str, ...] | None = None) -> CLIPTokenizer:
    """A tokenizer in which each of `known` (by default the grammar's words) is one token."""
    wanted = words() if known is None else known
    merges: list[tuple[str, str]] = []
    while True:
        tokenizer = _tokenizer(merges)
        missing = [pieces for word in wanted if len(pieces := tokenizer.tokenize(word)) > 1]
        if not missing:
            return tokenizer
        # Another word's merge may split a word the wrong way, so ask again until all are whole.
        found = dict.fromkeys((pieces[0], pieces[1]) for pieces in missing)
        merges += [merge for merge in found if merge not in merges]


def _tokenizer(merges: list[tuple[str, str]]) -> CLIPTokenizer:
    letters = list(bytes_to_unicode().values())
    pieces = letters + [letter + "</w>" for letter in letters] + ["".join(pair) for pair in merges]
    entries = [*dict.fromkeys(pieces), "<|startoftext|>", "<|endoftext|>"]
    vocabulary = {piece: number for number, piece in enumerate(entries)}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=MAX_TOKENS)
