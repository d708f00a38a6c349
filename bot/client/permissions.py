"""Discord's permissions by the names its documentation has."""

from __future__ import annotations

import discord

_DISCORDS_NAME = {"read_messages": "view_channel"}
"""Where discord.py iterates a flag under an older name than Discord's documentation has."""


def permission_names(permissions: discord.Permissions) -> frozenset[str]:
    """Name the granted permissions as Discord does; an administrator has them all."""
    granted = discord.Permissions.all() if permissions.administrator else permissions
    return frozenset(_DISCORDS_NAME.get(name, name) for name, given in granted if given)
