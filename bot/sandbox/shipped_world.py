"""The world that comes with the sandbox. Its ids never change, so tests and notes may name them.

Guild *Darkroom Café*: `general`, `gallery`, `nsfw` (age-restricted), `staff` (moderators only);
people `ana` (Free), `plum` (Plus), `pia` (Pro), `mod` (Moderator), `boss` (owner).
Guild *Elsewhere*: `lobby`; `zoe` owns it. The bot is in both, with what it needs and no more.
"""

from __future__ import annotations

from bot.sandbox import entities
from bot.sandbox.cdn import FileStore
from bot.sandbox.clock import Clock
from bot.sandbox.entities import (
    Application,
    Channel,
    Guild,
    Member,
    Overwrite,
    Role,
    Sku,
    User,
)
from bot.sandbox.permissions import EVERYONE, Permission
from bot.sandbox.world import World

# 2024-01-01, then a running number: old enough that nothing here looks new.
_BASE = 1_191_168_000_000_000_000
BOT_ID = _BASE + 1
CAFE_ID, ELSEWHERE_ID = _BASE + 10, _BASE + 11
ANA_ID, PLUM_ID, PIA_ID, MOD_ID, BOSS_ID, ZOE_ID = (_BASE + n for n in range(20, 26))
GENERAL_ID, GALLERY_ID, NSFW_ID, STAFF_ID, LOBBY_ID = (_BASE + n for n in range(30, 35))
PLUS_ROLE_ID, PRO_ROLE_ID, MODERATOR_ROLE_ID = (_BASE + n for n in range(40, 43))
CAFE_BOT_ROLE_ID, ELSEWHERE_BOT_ROLE_ID = _BASE + 43, _BASE + 44
PLUS_SKU_ID, PRO_SKU_ID = _BASE + 50, _BASE + 51

BOT_PERMISSIONS = int(
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.MANAGE_MESSAGES
)
_MODERATOR = int(
    EVERYONE
    | Permission.MANAGE_MESSAGES
    | Permission.MANAGE_THREADS
    | Permission.MODERATE_MEMBERS
    | Permission.KICK_MEMBERS
)
_PEOPLE = (
    (ANA_ID, "ana", "Ana"),
    (PLUM_ID, "plum", "Plum"),
    (PIA_ID, "pia", "Pia"),
    (MOD_ID, "mod", "Mod"),
    (BOSS_ID, "boss", "Boss"),
    (ZOE_ID, "zoe", "Zoe"),
)
_CAFE_ROLES = (
    Role(PLUS_ROLE_ID, "Plus", 0, position=1, color=0x8E4585),
    Role(PRO_ROLE_ID, "Pro", 0, position=2, color=0xC9A227),
    Role(MODERATOR_ROLE_ID, "Moderator", _MODERATOR, position=3, color=0x2E8B57),
)
_CAFE_MEMBERS: tuple[tuple[int, list[int]], ...] = (
    (BOSS_ID, []),
    (ANA_ID, []),
    (PLUM_ID, [PLUS_ROLE_ID]),
    (PIA_ID, [PRO_ROLE_ID]),
    (MOD_ID, [MODERATOR_ROLE_ID]),
    (BOT_ID, [CAFE_BOT_ROLE_ID]),
)


def build(clock: Clock, *, files: FileStore | None = None, cdn_key: bytes | None = None) -> World:
    """A fresh copy of the shipped world."""
    application = Application(BOT_ID, "Darkroom", owner_id=BOSS_ID)
    world = World(clock, application, files=files, cdn_key=cdn_key)
    world.users[BOT_ID] = User(BOT_ID, "Darkroom", bot=True)
    for user_id, name, display_name in _PEOPLE:
        world.users[user_id] = User(user_id, name, display_name)
    _build_cafe(world)
    _build_elsewhere(world)
    world.skus[PLUS_SKU_ID] = Sku(PLUS_SKU_ID, "Plus", "plus")
    world.skus[PRO_SKU_ID] = Sku(PRO_SKU_ID, "Pro", "pro")
    return world


def _build_cafe(world: World) -> None:
    cafe = Guild(CAFE_ID, "Darkroom Café", BOSS_ID)
    everyone = Role(CAFE_ID, "@everyone", int(EVERYONE), position=0)
    own = Role(CAFE_BOT_ROLE_ID, "Darkroom", BOT_PERMISSIONS, position=4, managed_by=BOT_ID)
    for role in (everyone, *_CAFE_ROLES, own):
        cafe.roles[role.id] = Role(**vars(role))
    joined = world.clock.now()
    for user_id, roles in _CAFE_MEMBERS:
        cafe.members[user_id] = Member(user_id, list(roles), joined)
    world.guilds[CAFE_ID] = cafe
    staff_only = [
        Overwrite(CAFE_ID, 0, deny=int(Permission.VIEW_CHANNEL)),
        Overwrite(MODERATOR_ROLE_ID, 0, allow=int(Permission.VIEW_CHANNEL)),
        Overwrite(CAFE_BOT_ROLE_ID, 0, allow=int(Permission.VIEW_CHANNEL)),
    ]
    for channel in (
        Channel(GENERAL_ID, entities.TEXT, "general", CAFE_ID, 0),
        Channel(GALLERY_ID, entities.TEXT, "gallery", CAFE_ID, 1),
        Channel(NSFW_ID, entities.TEXT, "nsfw", CAFE_ID, 2, nsfw=True),
        Channel(STAFF_ID, entities.TEXT, "staff", CAFE_ID, 3, overwrites=staff_only),
    ):
        world.channels[channel.id] = channel


def _build_elsewhere(world: World) -> None:
    elsewhere = Guild(ELSEWHERE_ID, "Elsewhere", ZOE_ID)
    elsewhere.roles[ELSEWHERE_ID] = Role(ELSEWHERE_ID, "@everyone", int(EVERYONE), position=0)
    elsewhere.roles[ELSEWHERE_BOT_ROLE_ID] = Role(
        ELSEWHERE_BOT_ROLE_ID, "Darkroom", BOT_PERMISSIONS, managed_by=BOT_ID
    )
    joined = world.clock.now()
    elsewhere.members[ZOE_ID] = Member(ZOE_ID, [], joined)
    elsewhere.members[BOT_ID] = Member(BOT_ID, [ELSEWHERE_BOT_ROLE_ID], joined)
    world.guilds[ELSEWHERE_ID] = elsewhere
    world.channels[LOBBY_ID] = Channel(LOBBY_ID, entities.TEXT, "lobby", ELSEWHERE_ID)
