"""Which family runs a pipeline class of diffusers. Knows no torch.

A few have an adapter of their own (`gen.families`). Every other text-to-image pipeline that
diffusers itself ships runs through its own call. Which those are is read from diffusers' source,
as text: to import it would load torch into the bot.
"""

import ast
import functools
import importlib.util
from pathlib import Path

ADAPTED = {
    "StableDiffusionPipeline": "sd",
    "LatentConsistencyModelPipeline": "sd",
    "StableDiffusionXLPipeline": "sdxl",
    "FluxPipeline": "flux",
}

FAMILIES = frozenset({*ADAPTED.values(), "any", "plain"})

#: Of the others, those that cannot be told what is not wanted; a test reads their signatures.
PLAIN = frozenset(
    {
        "Flux2KleinPipeline",
        "Flux2Pipeline",
        "GlmImagePipeline",
        "Ideogram4Pipeline",
    }
)

#: Pipelines that need more than words and one folder, or make films.
_NEEDS_MORE = ("Control", "Combined", "Helios")
_MAPPING = "AUTO_TEXT2IMAGE_PIPELINES_MAPPING"


def family_of(name: object) -> str:
    """Name the family that runs a pipeline class; empty when none does."""
    if not isinstance(name, str):  # code of its own, beside the weights
        return ""
    if name in ADAPTED:
        return ADAPTED[name]
    if name not in text_to_image():
        return ""
    return "plain" if name in PLAIN else "any"


@functools.cache
def text_to_image() -> frozenset[str]:
    """Name every pipeline class that diffusers makes pictures from words with.

    (https://huggingface.co/docs/diffusers/api/pipelines/auto_pipeline)
    """
    found = importlib.util.find_spec("diffusers")
    if found is None or not found.submodule_search_locations:
        return frozenset()
    source = Path(found.submodule_search_locations[0]) / "pipelines" / "auto_pipeline.py"
    names: set[str] = set()
    for line in ast.parse(source.read_text("utf-8")).body:
        if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == _MAPPING:
            names |= {part.id for part in ast.walk(line.value) if isinstance(part, ast.Name)}
    return frozenset(
        name
        for name in names
        if name.endswith("Pipeline") and not any(more in name for more in _NEEDS_MORE)
    )
