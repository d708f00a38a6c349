"""LoRAs: which model they fit, and that they bend it as merged weights would."""

import copy
import json
import struct
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionXLPipeline, UNet2DConditionModel
from safetensors.torch import load_file, save_file

from gen import loras
from gen.card import Lora
from gen.errors import ModelFault
from gen.families.loras import Loras
from gen.families.sd import StableDiffusion
from gen.job import Spec
from tests import tiny_model
from tests.gen.darkroom import alone, assert_same_latents

WIDTH = 16  #: of the tiny model's text


def spec(*worn, guidance=3.0, seeds=(7,)):
    return Spec(
        prompt="a red star",
        width=32,
        height=32,
        steps=3,
        guidance=guidance,
        seeds=seeds,
        loras=worn,
    )


@pytest.fixture(scope="module")
def file(tiny_folder, tmp_path_factory):
    return tiny_model.make_lora(tmp_path_factory.mktemp("loras") / "ink.safetensors", tiny_folder)


@pytest.fixture(scope="module")
def bent(tiny_folder, file):
    return StableDiffusion.load(tiny_folder, "cpu", loras=[Lora(name="ink", file=str(file))])


def header_of(file):
    with file.open("rb") as opened:
        return json.loads(opened.read(struct.unpack("<Q", opened.read(8))[0]))


def merged(family, file, weight):
    """A copy of the model whose weights were changed for good: W + s α/r B A."""
    copied = copy.deepcopy(family)
    weights = load_file(file)
    for prefix, part in (("lora_unet_", copied.unet), ("lora_te_", copied.text_encoder)):
        for path, layer in part.named_modules():
            plain = path.removeprefix("text_model.") if prefix == "lora_te_" else path
            place = "text_model." + plain if prefix == "lora_te_" else plain
            key = prefix + place.replace(".", "_")
            if f"{key}.lora_down.weight" not in weights:
                continue
            down, up = weights[f"{key}.lora_down.weight"], weights[f"{key}.lora_up.weight"]
            alpha = weights.get(f"{key}.alpha", torch.tensor(float(down.shape[0]))).item()
            bend = torch.einsum("or,ri...->oi...", up.flatten(1), down)
            layer.weight.data += weight * alpha / down.shape[0] * bend
    copied._nothing = copied._read("")
    return copied


def latents_of(room):
    [latents] = room.latents.values()
    return latents


@pytest.mark.parametrize("weight", [1.0, 0.4, -0.5])
def test_a_lora_bends_a_model_as_merged_weights_do(family, bent, file, weight):
    ours = latents_of(alone(bent, spec(("ink", weight))))

    assert_same_latents(latents_of(alone(merged(family, file, weight), spec())), ours)
    plain = latents_of(alone(family, spec()))
    assert (plain - ours).abs().max() > 0.01 * plain.abs().max()


def test_what_a_lora_was_trained_with_counts(family, tiny_folder, tmp_path):
    file = tiny_model.make_lora(tmp_path / "ink.safetensors", tiny_folder, alpha=0.5)
    bent = StableDiffusion.load(tiny_folder, "cpu", loras=[Lora(name="ink", file=str(file))])

    ours = latents_of(alone(bent, spec(("ink", 1.0))))

    assert_same_latents(latents_of(alone(merged(family, file, 1.0), spec())), ours)


def test_a_file_in_diffusers_own_names_is_read_too(bent, tiny_folder, file, tmp_path):
    weights = load_file(file)
    theirs = {}
    for part, prefix in (("unet", "lora_unet_"), ("text_encoder", "lora_te_")):
        model = getattr(bent, part)
        for path, _ in model.named_modules():
            plain = path if part == "unet" else "text_model." + path.removeprefix("text_model.")
            for which, letter in (("down", "A"), ("up", "B")):
                key = f"{prefix}{plain.replace('.', '_')}.lora_{which}.weight"
                if key in weights:
                    theirs[f"{part}.{plain}.lora_{letter}.weight"] = weights[key]
    assert len(theirs) == len(weights)
    save_file(theirs, tmp_path / "ink.safetensors")

    same = StableDiffusion.load(
        tiny_folder, "cpu", loras=[Lora(name="ink", file=str(tmp_path / "ink.safetensors"))]
    )

    expected = latents_of(alone(bent, spec(("ink", 0.7))))
    assert torch.equal(expected, latents_of(alone(same, spec(("ink", 0.7)))))


def test_a_model_that_has_loras_is_itself_without_them_to_the_last_bit(family, bent):
    alone(bent, spec(("ink", 1.0)))

    plain = alone(family, spec()).pictures["alone"]
    assert np.array_equal(plain, alone(bent, spec()).pictures["alone"])


def test_one_that_was_never_loaded_is_refused(bent):
    with pytest.raises(KeyError):
        bent.prepare(spec(("oil", 1.0)), [7])


def test_one_of_another_model_is_not_loaded(tiny_folder, tmp_path):
    other = tiny_model.make_xl(tmp_path / "xl")
    file = tiny_model.make_lora(tmp_path / "ink.safetensors", other)

    with pytest.raises(ModelFault, match="LoRA ink: made for another model"):
        StableDiffusion.load(tiny_folder, "cpu", loras=[Lora(name="ink", file=str(file))])


@pytest.mark.parametrize(
    ("weights", "line"),
    [
        ({"lora_unet_conv_in.hada_w1_a": torch.ones(2, 2)}, "not in a form that is known"),
        ({"unet.conv_in.lora_A.weight": torch.ones(2, 2)}, "made for another model"),
        (
            {
                "unet.conv_in.lora_A.weight": torch.ones(2, 4, 3, 3),
                "unet.conv_in.lora_B.weight": torch.ones(8, 2, 1, 1),
                "unet.conv_in.dora_scale": torch.ones(8),
            },
            "of a kind that is not spoken",
        ),
    ],
)
def test_one_of_a_kind_that_would_be_applied_wrongly_is_not_loaded(
    tiny_folder, tmp_path, weights, line
):
    save_file(weights, tmp_path / "ink.safetensors")

    with pytest.raises(ModelFault, match=line):
        StableDiffusion.load(
            tiny_folder, "cpu", [Lora(name="ink", file=str(tmp_path / "ink.safetensors"))]
        )


def test_a_damaged_file_is_not_loaded(tiny_folder, tmp_path):
    (tmp_path / "ink.safetensors").write_bytes(b"no weights")

    with pytest.raises(ModelFault, match="not in a form that is known"):
        StableDiffusion.load(
            tiny_folder, "cpu", [Lora(name="ink", file=str(tmp_path / "ink.safetensors"))]
        )


@dataclass
class XlParts:
    """SDXL's architecture, narrow: its blocks are numbered as the large one's are."""

    unet: UNet2DConditionModel
    text_encoder: None = None
    text_encoder_2: None = None
    lora_state_dict = StableDiffusionXLPipeline.lora_state_dict


def test_every_layer_that_trainers_of_sdxl_name_is_found(tmp_path):
    unet = UNet2DConditionModel(
        block_out_channels=(8, 16, 16),
        layers_per_block=2,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 1, 2),
        attention_head_dim=4,
        norm_num_groups=4,
        cross_attention_dim=8,
        use_linear_projection=True,
    )
    blocks = [f"input_blocks_{n}_1" for n in (4, 5, 7, 8)]
    blocks += [f"output_blocks_{n}_1" for n in range(6)]
    layers = [
        f"lora_unet_{block}_transformer_blocks_0_{layer}"
        for block in [*blocks, "middle_block_1"]
        for layer in ("attn1_to_q", "attn2_to_out_0", "ff_net_2")
    ]
    width = {"attn1_to_q": (16, 16), "attn2_to_out_0": (16, 16), "ff_net_2": (16, 64)}
    weights = {}
    for layer in layers:
        wide, narrow = next(size for name, size in width.items() if layer.endswith(name))
        weights[f"{layer}.lora_down.weight"] = torch.ones(2, narrow)
        weights[f"{layer}.lora_up.weight"] = torch.ones(wide, 2)
        weights[f"{layer}.alpha"] = torch.tensor(1.0)
    save_file(weights, tmp_path / "ink.safetensors")
    loaded = Loras(XlParts(unet))

    loaded.add("ink", tmp_path / "ink.safetensors")

    bent = [layer for layer in unet.modules() if layer._forward_hooks]
    assert len(layers) == len(bent)
    assert 0.5 == loaded._pairs[bent[0]]["ink"].scale


def _attention(width, name="lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"):
    return {f"{name}.lora_down.weight": {"dtype": "F16", "shape": [4, width]}}


SD, SDXL = _attention(768), _attention(2048)


def test_a_lora_of_a_model_fits_it(file):
    assert WIDTH == loras.text_width(header_of(file))
    assert loras.misfit(header_of(file), "sd", WIDTH) is None
    assert loras.misfit({"__metadata__": {"a": "b"}, **SD}, "sd", 768) is None


def test_the_other_spelling_is_read_too():
    path = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2"

    for name in (f"{path}.to_v.lora_A.weight", f"{path}.processor.to_k_lora.down.weight"):
        assert "sdxl" == loras.family_of({name: {"shape": [4, 2048]}})


@pytest.mark.parametrize(
    ("header", "family", "line"),
    [
        (SD, "sdxl", "a LoRA for Stable Diffusion 1"),
        (SDXL, "sd", "a LoRA for SDXL"),
        (_attention(1024), "sd", "a LoRA for Stable Diffusion 2"),
        ({"transformer.x.lora_A.weight": {"shape": [4, 8]}}, "sd", "the family flux"),
        ({"lora_te2_text_model_x.lora_down.weight": {"shape": [4, 8]}}, "sd", "the family sdxl"),
        ({"lora_unet_x.hada_w1_a": {"shape": [4, 8]}}, "sd", "of a kind that is not spoken"),
        ({"conv_in.weight": {"shape": [4, 8, 3, 3]}}, "sd", "no LoRA"),
    ],
)
def test_one_that_does_not_fit_is_told_apart(header, family, line):
    assert line in loras.misfit(header, family, {"sd": 768, "sdxl": 2048}[family])
