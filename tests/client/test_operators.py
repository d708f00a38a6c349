"""Who is the operator: whom Discord names as the application's owner, or who works in its team."""

from typing import Any

import discord

from bot.client.operators import operators_of

OWNER, ADMIN, DEVELOPER, READER, INVITED = 1, 2, 3, 4, 5


def user(number: int) -> dict[str, Any]:
    return {"id": str(number), "username": f"u{number}", "discriminator": "0", "avatar": None}


def member(number: int, role: str, *, accepted: bool = True) -> dict[str, Any]:
    state = 2 if accepted else 1
    return {"user": user(number), "team_id": "9", "membership_state": state, "role": role}


def application(team: dict[str, Any] | None) -> discord.AppInfo:
    """What discord.py makes of Discord's answer."""
    state: Any = discord.Client(intents=discord.Intents.none())._connection
    return discord.AppInfo(
        state,
        {
            "id": "7",
            "name": "Darkroom",
            "description": "",
            "icon": None,
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0",
            "flags": 0,
            "rpc_origins": [],
            "owner": user(OWNER),
            "team": team,
        },  # type: ignore[typeddict-item]
    )


def team(*members: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "9",
        "name": "Darkroom's",
        "icon": None,
        "owner_user_id": str(OWNER),
        "members": list(members),
    }


async def test_without_a_team_it_is_the_owner_alone() -> None:
    assert {OWNER} == operators_of(application(None))


async def test_of_a_team_it_is_whoever_may_change_the_application() -> None:
    members = [
        member(OWNER, ""),
        member(ADMIN, "admin"),
        member(DEVELOPER, "developer"),
        member(READER, "read_only"),
        member(INVITED, "admin", accepted=False),
    ]

    assert {OWNER, ADMIN, DEVELOPER} == operators_of(application(team(*members)))
