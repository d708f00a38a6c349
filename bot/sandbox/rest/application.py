"""The bot about itself: its user, its application, its gateway, its direct messages."""

from __future__ import annotations

from bot.sandbox import fields, happenings, serialise
from bot.sandbox.entities import Json
from bot.sandbox.errors import Form, refuse
from bot.sandbox.rest.table import Call, Table
from bot.sandbox.world import World

routes = Table()


@routes.route("GET", "/users/@me")
def get_me(call: Call) -> Json:
    """The bot's own user."""
    return serialise.me(call.world.bot)


@routes.route("PATCH", "/users/@me", body={"username", "avatar", "banner"})
def edit_me(call: Call) -> Json:
    """Rename the bot; pictures of it are taken and not kept."""
    if call.json.get("username") is not None:
        form = Form()
        form.length("username", call.json["username"], 2, 32)
        form.check()
        call.world.bot.name = call.json["username"]
        happenings.changed_user(call.world, call.world.bot)
    return serialise.me(call.world.bot)


@routes.route("GET", "/users/{user_id}")
def get_user(call: Call) -> Json:
    """Anybody."""
    return serialise.user(call.world.user(call.id("user_id")))


@routes.route("GET", "/gateway", needs_token=False)
def get_gateway(call: Call) -> Json:
    """Where the gateway is."""
    return {"url": call.gateway.url}


@routes.route("GET", "/gateway/bot")
def get_gateway_bot(call: Call) -> Json:
    """Where the gateway is, how many shards it wants, how many starts are left."""
    return {
        "url": call.gateway.url,
        "shards": 1,
        "session_start_limit": {
            "total": call.gateway.session_total,
            "remaining": call.gateway.starts_remaining,
            "reset_after": 86_400_000,
            "max_concurrency": 1,
        },
    }


@routes.route("GET", "/oauth2/applications/@me")
@routes.route("GET", "/applications/@me")
def get_application(call: Call) -> Json:
    """The bot's application."""
    return application(call.world)


@routes.route("PATCH", "/applications/@me", body={"description"})
def edit_application(call: Call) -> Json:
    """Change the description, which clients show as the bot's profile."""
    form = Form()
    form.length("description", call.json.get("description") or "", 0, 400)
    form.check()
    if "description" in call.json:
        call.world.application.description = call.json["description"]
    return application(call.world)


@routes.route("POST", "/users/@me/channels", body={"recipient_id"})
def open_dm(call: Call) -> Json:
    """The direct message with somebody, made if there is none. This never fails for a person."""
    user_id = fields.snowflake(call.json.get("recipient_id"), "recipient_id")
    person = call.world.user(user_id)
    if person.bot:
        raise refuse(50007)
    return serialise.channel(call.world, happenings.open_dm(call.world, user_id))


def application(world: World) -> Json:
    """The application object."""
    mine = world.application
    guilds = sum(world.bot.id in guild.members for guild in world.guilds.values())
    return {
        "id": str(mine.id),
        "name": mine.name,
        "description": mine.description,
        "icon": None,
        "type": None,
        "bot": serialise.user(world.bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "integration_types_config": {"0": {}},
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": serialise.user(world.users[mine.owner_id]),
        "team": None,
        "approximate_guild_count": guilds,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
        "tags": [],
    }
