"""Embeds: Discord's limits, and the fields that we know."""

from __future__ import annotations

from bot.sandbox import fields
from bot.sandbox.entities import Json
from bot.sandbox.errors import Form

_MEDIA = {
    *("url", "proxy_url", "width", "height", "content_type"),
    *("placeholder", "placeholder_version", "description", "flags"),
}
_PARTS: dict[str, set[str]] = {
    "footer": {"text", "icon_url", "proxy_icon_url"},
    "author": {"name", "url", "icon_url", "proxy_icon_url"},
    "image": _MEDIA,
    "thumbnail": _MEDIA,
}
_FIELDS = {
    *("type", "title", "description", "url", "timestamp", "color", "fields", "flags"),
    *_PARTS,
}
_LENGTHS = (("title", 256), ("description", 4096))
_PART_LENGTHS = (("footer", "text", 2048), ("author", "name", 256))
_FIELD_LENGTHS = (("name", 256), ("value", 1024))
TOTAL_CHARACTERS, MOST_EMBEDS, MOST_FIELDS = 6000, 10, 25


def check(given: list[Json]) -> list[Json]:
    """The embeds of a message, checked and with their type."""
    form = Form()
    form.count("embeds", given, 0, MOST_EMBEDS)
    form.check()
    for n, embed in enumerate(given):
        _check_names(embed)
        _check_lengths(embed, f"embeds.{n}", form)
    if sum(_characters(embed) for embed in given) > TOTAL_CHARACTERS:
        words = f"Embed size exceeds maximum size of {TOTAL_CHARACTERS}"
        form.blame("embeds", "MAX_EMBED_SIZE_EXCEEDED", words)
    form.check()
    return [{**embed, "type": "rich"} for embed in given]


def _check_names(embed: Json) -> None:
    fields.only(embed, _FIELDS, "embed")
    for name, known in _PARTS.items():
        if isinstance(embed.get(name), dict):
            fields.only(embed[name], known, f"embed.{name}")
    for field in embed.get("fields") or []:
        fields.only(field, {"name", "value", "inline"}, "embed.fields")


def _check_lengths(embed: Json, path: str, form: Form) -> None:
    for name, most in _LENGTHS:
        if embed.get(name) is not None:
            form.length(f"{path}.{name}", embed[name], 0, most)
    for part, name, most in _PART_LENGTHS:
        if isinstance(embed.get(part), dict):
            form.length(f"{path}.{part}.{name}", embed[part].get(name), 1, most)
    form.count(f"{path}.fields", embed.get("fields") or [], 0, MOST_FIELDS)
    for n, field in enumerate(embed.get("fields") or []):
        for name, most in _FIELD_LENGTHS:
            form.length(f"{path}.fields.{n}.{name}", field.get(name), 1, most)


def _characters(embed: Json) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for field in embed.get("fields") or []:
        texts += [field.get("name"), field.get("value")]
    return sum(len(text or "") for text in texts)
