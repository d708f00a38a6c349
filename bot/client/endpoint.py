"""Which Discord we speak to: the real one, or a sandbox on loopback. Never a mixture.

A token that starts with `sandbox.` is for sandboxes only, and a sandbox takes no other: a mistyped
setting can neither send test data to Discord nor a real token to somebody's port.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import discord
import yarl

from bot.errors import StartFault

SANDBOX_TOKEN_PREFIX = "sandbox."  # noqa: S105  # a prefix, not a token


@dataclass(frozen=True)
class Endpoint:
    """Where Discord is: None is the real one."""

    sandbox: yarl.URL | None = None

    @property
    def is_sandbox(self) -> bool:
        """Whether this is a sandbox."""
        return self.sandbox is not None


def choose(token: str | None, sandbox_url: str | None) -> Endpoint:
    """Match a token with an address.

    Raises:
        StartFault: there is no token, or the two do not belong together; says what to do.
    """
    if not token:
        raise StartFault(
            "there is no DISCORD_TOKEN: put the bot's token into .env "
            "(Discord Developer Portal → your application → Bot), or try `darkroom demo` first"
        )
    is_sandbox_token = token.startswith(SANDBOX_TOKEN_PREFIX)
    if sandbox_url is None:
        if is_sandbox_token:
            raise StartFault(
                "DISCORD_TOKEN is a sandbox token, which real Discord does not know: "
                "put the bot's real token into .env, or add --sandbox URL"
            )
        return Endpoint()
    url = _loopback(sandbox_url)
    if not is_sandbox_token:
        raise StartFault(
            "a real token is never sent to a sandbox: with --sandbox use a token that starts "
            f"with {SANDBOX_TOKEN_PREFIX}"
        )
    return Endpoint(url)


def point_discord_py(endpoint: Endpoint) -> None:
    """Make discord.py speak to a sandbox. Every private touch of the library for this is here.

    discord.py 2.7.1 has no setting for it; these three class attributes are what its requests,
    its gateway connection and its asset links are built from.
    """
    if endpoint.sandbox is None:
        return
    discord.http.Route.BASE = str(endpoint.sandbox / "api" / "v10")
    gateway = endpoint.sandbox.with_scheme("ws") / "gateway"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = gateway
    discord.asset.Asset.BASE = str(endpoint.sandbox / "cdn")


def _loopback(text: str) -> yarl.URL:
    try:
        url = yarl.URL(text)
        host = url.host or ""
        ok = url.scheme == "http" and (
            host == "localhost" or ipaddress.ip_address(host).is_loopback
        )
    except ValueError:
        ok = False
    if not ok:
        raise StartFault(
            "a sandbox is spoken to on this machine only: give --sandbox an address such as "
            "http://127.0.0.1:8040"
        )
    return url.origin()
