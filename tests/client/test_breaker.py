"""No more is asked of a Discord that shuts us out, or is about to."""

import aiohttp
import discord
import pytest

from bot.client.breaker import (
    FIRST_REST_SECONDS,
    INVALID_MOST,
    INVALID_SECONDS,
    MOST_REST_SECONDS,
    Breaker,
    Held,
)
from tests.fakes import FakeClock
from tests.services.outside import Outside, outdoors


@pytest.fixture
def breaker(clock: FakeClock) -> Breaker:
    return Breaker(clock, jitter=lambda: 0.0)


def test_a_ban_stops_everything_for_minutes(breaker: Breaker, clock: FakeClock):
    breaker.heard(429, banned=True)
    before = breaker.is_open
    clock.turn(FIRST_REST_SECONDS)

    assert (True, False) == (before, breaker.is_open)


def test_each_ban_rests_twice_as_long_as_the_last_up_to_a_bound(breaker: Breaker, clock: FakeClock):
    rests = []
    for _ in range(7):
        breaker.heard(429, banned=True)
        rests.append(breaker.rest_seconds)
        clock.turn(rests[-1])

    assert [120, 240, 480, 960, 1800, 1800, 1800] == rests
    assert MOST_REST_SECONDS == rests[-1]


def test_bots_that_were_banned_together_do_not_come_back_together(clock: FakeClock):
    both = [Breaker(clock, jitter=lambda number=number: number / 2) for number in range(2)]
    for each in both:
        each.heard(429, banned=True)

    assert both[0].rest_seconds < both[1].rest_seconds <= 1.25 * FIRST_REST_SECONDS


def test_an_answer_to_what_was_asked_before_makes_no_rest_longer(breaker: Breaker):
    for _ in range(30):
        breaker.heard(429, banned=True)
    breaker.heard(200)

    assert FIRST_REST_SECONDS == breaker.rest_seconds


def test_once_discord_answers_again_the_next_ban_is_a_first_one(breaker: Breaker, clock: FakeClock):
    for _ in range(3):
        breaker.heard(429, banned=True)
        clock.turn(MOST_REST_SECONDS)
    breaker.heard(200)
    breaker.heard(429, banned=True)

    assert FIRST_REST_SECONDS == breaker.rest_seconds


@pytest.mark.parametrize("status", [401, 403, 429])
def test_long_before_discord_bans_for_invalid_requests_nothing_more_is_asked(
    breaker: Breaker, status: int
):
    for _ in range(INVALID_MOST - 1):
        breaker.heard(status)
    before = breaker.is_open
    breaker.heard(status)

    assert (False, True) == (before, breaker.is_open)
    assert 20 * INVALID_MOST <= 10_000


def test_invalid_requests_are_counted_over_ten_minutes(breaker: Breaker, clock: FakeClock):
    for _ in range(3 * INVALID_MOST):
        breaker.heard(403)
        clock.turn(INVALID_SECONDS / INVALID_MOST + 0.1)

    assert not breaker.is_open
    assert breaker.invalid_requests < INVALID_MOST


@pytest.mark.parametrize(("status", "shared"), [(429, True), (404, False), (400, False)])
def test_what_discord_does_not_call_invalid_is_not_counted(
    breaker: Breaker, status: int, shared: bool
):
    for _ in range(2 * INVALID_MOST):
        breaker.heard(status, shared=shared)

    assert (0, False) == (breaker.invalid_requests, breaker.is_open)


# --- in every request's way


@pytest.fixture
async def outside():
    async with outdoors() as outside:
        yield outside


def client_of(outside: Outside) -> discord.Client:
    return outside.house.messenger.client


async def test_a_ban_page_opens_it_and_then_no_request_leaves(outside: Outside):
    page = {"rate_limit": {"scope": "global", "retry_after": 0.01}, "page": True}
    outside.sandbox.weather.add(page)
    for _ in range(3):
        with pytest.raises(Held):
            await client_of(outside).application_info()

    assert 1 == len([one for one in outside.sandbox.wire.records if 429 == one.status])
    assert outside.breaker.is_open


async def test_a_page_of_the_edge_opens_it_though_it_came_by_a_webhook(outside: Outside):
    """discord.py's webhooks take every 429 with `Via` for JSON."""
    outside.sandbox.weather.add({"rate_limit": {"via": False}, "route": "/webhooks/"})

    with pytest.raises(Held):
        await webhook_of(outside).edit_message(1, content="x")

    assert outside.breaker.is_open


async def test_a_webhook_waits_for_no_bucket_for_long_either(outside: Outside):
    outside.sandbox.weather.add({"rate_limit": {"retry_after": 600.0}, "route": "/webhooks/"})

    with pytest.raises(Held):
        await webhook_of(outside).edit_message(1, content="x")

    assert not outside.breaker.is_open


async def test_a_followup_has_no_nonce_so_it_is_asked_for_once(outside: Outside):
    outside.sandbox.weather.add({"status": 502, "route": "/webhooks/"})

    with pytest.raises(Held):
        await webhook_of(outside).send("x")

    assert 1 == len([one for one in outside.sandbox.wire.records if "/webhooks/" in one.path])


async def test_the_gateway_and_files_are_let_through(outside: Outside):
    outside.breaker.heard(429, banned=True)
    session = client_of(outside).http._HTTPClient__session

    for url in (f"{outside.sandbox.url}/cdn/attachments/1/2/x", f"{outside.sandbox.url}/gateway"):
        async with session.get(url) as answer:
            assert 400 <= answer.status < 500
    with pytest.raises(aiohttp.ClientError):
        await session.get(f"{outside.sandbox.url}/api/v10/users/@me")


def webhook_of(outside: Outside) -> discord.Webhook:
    return discord.Webhook.partial(1, "token", client=client_of(outside))
