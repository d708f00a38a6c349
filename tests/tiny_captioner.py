"""A BLIP captioning folder with random weights, made in a second: it talks nonsense."""

import json
import warnings
from pathlib import Path

WORDS = ("a", "small", "big", "red", "blue", "star", "fox", "on", "grey", "pond")


def make(folder: Path) -> Path:
    """Write a whole transformers folder."""
    import torch
    from transformers import (
        BertTokenizer,
        BlipConfig,
        BlipForConditionalGeneration,
        BlipTextConfig,
        BlipVisionConfig,
    )

    torch.manual_seed(0)
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", *WORDS]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = BlipTextConfig(
            vocab_size=len(tokens),
            hidden_size=16,
            encoder_hidden_size=16,
            intermediate_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            bos_token_id=tokens.index("[DEC]"),
            sep_token_id=tokens.index("[SEP]"),
            eos_token_id=tokens.index("[SEP]"),
            pad_token_id=0,
        )
        vision = BlipVisionConfig(
            hidden_size=16,
            intermediate_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            image_size=32,
            patch_size=16,
        )
        config = BlipConfig(text_config=text.to_dict(), vision_config=vision.to_dict())
        BlipForConditionalGeneration(config).save_pretrained(folder)
        (folder / "vocab.txt").write_text("\n".join(tokens))
        BertTokenizer(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(
        json.dumps(
            {
                "image_processor_type": "BlipImageProcessor",
                "do_resize": True,
                "size": {"height": 32, "width": 32},
                "do_rescale": True,
                "rescale_factor": 1 / 255,
                "do_normalize": True,
                "image_mean": [0.5] * 3,
                "image_std": [0.5] * 3,
            }
        )
    )
    return folder
