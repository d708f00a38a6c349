"""A transformers classifier with random weights, whose last layer always says the same."""

import json
import warnings
from pathlib import Path

LABELS = ("normal", "nsfw")
SURE = 12.0  #: of its label; e^-12 is left to the other


def make(folder: Path, *, says: str = "normal", problem_type: str | None = None) -> Path:
    """Write a whole folder. Whatever it is shown, it `says` this."""
    import torch
    from transformers import ViTConfig, ViTForImageClassification

    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ViTForImageClassification(
            ViTConfig(
                hidden_size=16,
                num_hidden_layers=1,
                num_attention_heads=2,
                intermediate_size=16,
                image_size=32,
                patch_size=16,
                id2label=dict(enumerate(LABELS)),
                label2id={label: number for number, label in enumerate(LABELS)},
                problem_type=problem_type,
            )
        )
        with torch.no_grad():
            model.classifier.weight.zero_()
            model.classifier.bias.fill_(-SURE)
            model.classifier.bias[LABELS.index(says)] = SURE
        model.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(
        json.dumps(
            {
                "image_processor_type": "ViTImageProcessor",
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
