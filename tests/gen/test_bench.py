"""The bench serves real pictures by each of its ways, and counts what models compute."""

import random
from dataclasses import replace

import pytest

from gen.bench import arrivals, costs, randomised, subject, throughput, ways
from tests import tiny_model

SIZE = (tiny_model.SIDE, tiny_model.SIDE)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return subject.load(tiny_model.make(tmp_path_factory.mktemp("tiny")), "cpu")


def test_a_table_has_a_line_for_each_number_of_rows_and_all_ways_in_it(tiny):
    lines = throughput.table(tiny, [SIZE], 0.0, counts=(1, 2))

    rows = [line.split() for line in lines if line[:4].strip().isdecimal()]
    assert [["1"], ["2"]] == [row[:1] for row in rows]
    assert {11} == {len(row) for row in rows}


def test_the_stock_pipeline_has_the_weights_of_the_family(tiny):
    assert tiny.family.unet is tiny.pipeline.unet
    assert tiny.family.vae is tiny.pipeline.vae
    assert 2 == tiny.samples


@pytest.mark.parametrize("way", arrivals.WAYS)
def test_everybody_who_asks_is_served_by_each_way(tiny, way):
    who = arrivals.drawn(tiny, SIZE, 6, a_second=50.0, seed=1)

    played = arrivals.WAYS[way](tiny, who)

    assert 6 == len(played.waits)
    assert all(wait > 0 for wait in played.waits)
    assert 1 <= played.pictures_a_call <= ways.MOST_ROWS


def test_who_comes_when_is_the_same_for_all_and_as_dense_as_was_asked(tiny):
    who = arrivals.drawn(tiny, SIZE, 400, a_second=10.0, seed=2)

    assert who == arrivals.drawn(tiny, SIZE, 400, a_second=10.0, seed=2)
    pictures = sum(one.spec.steps for one in who) / tiny.card.steps
    assert pytest.approx(10.0, rel=0.15) == pictures / who[-1].at


def test_those_of_one_shape_share_a_call_and_nobody_waits_for_ever(tiny):
    dice = random.Random(3)
    spec = tiny.spec(1, SIZE)
    at_once = [arrivals.Arrival(dice.random() / 1000, spec) for _ in range(10)]

    played = arrivals.by_requests(tiny, sorted(at_once, key=lambda one: one.at))

    assert 5.0 == played.pictures_a_call  # eight, and then the two that did not fit


def test_costs_beside_the_denoiser_are_shares_of_it(tiny):
    lines = costs.table(tiny, SIZE, 0.0)

    assert 7 == len(lines)
    assert all(line.endswith("%") for line in lines[1:])


def test_the_full_size_models_compute_what_was_published_of_them():
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"):
        unet = randomised.sdxl_unet()
    counting = FlopCounterMode(display=False)
    with torch.device("meta"), torch.no_grad(), counting as counted:
        beside = {"text_embeds": torch.ones(1, 1280), "time_ids": torch.ones(1, 6)}
        x, text = torch.ones(1, 4, 128, 128), torch.ones(1, 77, 2048)
        unet(x, torch.ones(1), text, added_cond_kwargs=beside)
    known = throughput.KNOWN_TFLOP["sdxl", 1024]
    assert pytest.approx(known, rel=0.01) == counted.get_total_flops() / 1e12
    assert 2_567_463_684 == sum(weight.numel() for weight in unet.parameters())


@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # diffusers, of torch's tensors
@pytest.mark.parametrize("kind", randomised.KINDS)
def test_a_model_without_files_makes_pictures_by_both_its_ways(kind, monkeypatch):
    """Its parts are small here: the full ones fit no machine that tests run on."""
    monkeypatch.setattr(randomised, "_clip", lambda *_: small_clip())
    monkeypatch.setattr(randomised, "_t5", small_t5)
    monkeypatch.setattr(randomised, "autoencoder", small_autoencoder)
    monkeypatch.setattr(randomised, "sdxl_unet", small_unet)
    monkeypatch.setattr(randomised, "flux_transformer", small_transformer)

    found = randomised.build(kind, "cpu")
    found = replace(found, card=replace(found.card, steps=2))

    one = found.spec(1, SIZE)
    ways.one_by_one(found, [one])
    ways.Steps(found)([one, one])
    assert {"sdxl": 2, "flux": 1}[kind] == found.samples


def small_clip():
    from transformers import CLIPTextConfig

    return CLIPTextConfig(
        vocab_size=8,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        projection_dim=16,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )


def small_autoencoder(*, channels, **_):
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        block_out_channels=(8,) * 4,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=channels,
        norm_num_groups=4,
        shift_factor=0.1,
    )


def small_t5():
    from transformers import T5Config

    return T5Config(vocab_size=8, d_model=32, d_kv=8, d_ff=32, num_layers=1, num_heads=2)


def small_unet():
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=16,
        block_out_channels=(8, 16),
        layers_per_block=1,
        norm_num_groups=4,
        cross_attention_dim=32,
        attention_head_dim=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + 16,
    )


def small_transformer():
    from diffusers import FluxTransformer2DModel

    return FluxTransformer2DModel(
        in_channels=64,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        pooled_projection_dim=16,
        axes_dims_rope=(4, 4, 8),
        guidance_embeds=True,
    )
