"""A tiny random model, made once; a family that loaded it, on one thread."""

from pathlib import Path

import pytest

from tests import tiny_model


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model.make(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def family(tiny_folder: Path):
    import torch

    from gen.families.sd import StableDiffusion

    torch.set_num_threads(1)
    return StableDiffusion.load(tiny_folder, "cpu")
