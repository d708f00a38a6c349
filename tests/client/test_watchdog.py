"""What the watchdog thinks of a socket, and what it does about it, one remedy after the other."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from types import SimpleNamespace

import pytest

from bot.client.watchdog import Finding, Ladder, Patience, Remedy, Socket, judge, latency_of

PATIENCE = Patience()
WELL = Socket(
    is_open=True,
    is_read=True,
    acknowledged_seconds_ago=40.0,
    beat_seconds=41.25,
    latency_seconds=0.04,
)
DUE_SECONDS = 2 * 41.25 + PATIENCE.acknowledge_seconds


def test_a_socket_that_was_acknowledged_lately_is_alive() -> None:
    assert Finding.ALIVE is judge(WELL, PATIENCE)


@pytest.mark.parametrize(
    "change",
    [
        {"is_open": False},
        {"is_read": False},
        {"acknowledged_seconds_ago": DUE_SECONDS + 1},
        {"acknowledged_seconds_ago": DUE_SECONDS + 1, "latency_seconds": inf},
        {"latency_seconds": 31.0},
    ],
)
def test_a_socket_that_is_closed_unread_unheard_or_slow_is_trouble(
    change: dict[str, float],
) -> None:
    assert Finding.TROUBLE is judge(replace(WELL, **change), PATIENCE)


def test_a_young_socket_is_not_judged_before_its_first_acknowledgement_is_due() -> None:
    young = replace(WELL, latency_seconds=inf, acknowledged_seconds_ago=DUE_SECONDS - 1)

    assert Finding.UNPROVEN is judge(young, PATIENCE)


def heart(*, sent: float, acknowledged: float, latency: float) -> SimpleNamespace:
    """What discord.py notes of a beat."""
    return SimpleNamespace(interval=41.25, latency=latency, _last_send=sent, _last_ack=acknowledged)


@pytest.mark.parametrize(
    ("noted", "latency"),
    [
        (heart(sent=100.0, acknowledged=100.04, latency=0.04), 0.04),
        (heart(sent=141.26, acknowledged=141.25, latency=41.25), 0.0),  # before it was noted
        (heart(sent=141.25, acknowledged=100.04, latency=0.04), 0.04),  # not yet
        (heart(sent=141.25, acknowledged=131.25, latency=31.25), 31.25),  # truly slow
        (heart(sent=100.0, acknowledged=100.0, latency=inf), inf),  # never yet
    ],
)
def test_a_beat_acknowledged_before_it_was_noted_as_sent_is_not_slow(
    noted: SimpleNamespace, latency: float
) -> None:
    assert latency == latency_of(noted)


def climbed(ladder: Ladder, findings: list[Finding], *, start: float = 0.0) -> list[Remedy]:
    """What is done at each of these looks, one every 15 seconds."""
    return [ladder.climb(found, start + 15.0 * look) for look, found in enumerate(findings)]


def test_one_bad_look_is_no_reason_to_act() -> None:
    looks = [Finding.TROUBLE, Finding.ALIVE, Finding.TROUBLE, Finding.ALIVE]

    assert {Remedy.NOTHING} == set(climbed(Ladder(PATIENCE), looks))


def test_trouble_that_stays_is_cut_then_gets_fresh_clients_and_at_last_a_fresh_process() -> None:
    done = climbed(Ladder(PATIENCE), [Finding.TROUBLE] * 70)

    acts = [remedy for remedy in done if remedy is not Remedy.NOTHING]
    assert Remedy.CUT is acts[0]
    assert 3 <= acts.count(Remedy.FRESH_CLIENT)
    assert Remedy.FRESH_PROCESS is acts[-1]
    assert done.index(Remedy.FRESH_PROCESS) * 15.0 >= PATIENCE.stuck_seconds


def test_a_young_socket_after_a_remedy_does_not_forgive_what_was_before() -> None:
    """Else a gateway that never acknowledges would be resumed for ever."""
    looks = [Finding.TROUBLE, Finding.TROUBLE, Finding.UNPROVEN, Finding.UNPROVEN] * 2

    done = climbed(Ladder(PATIENCE), looks)

    assert [Remedy.CUT, Remedy.FRESH_CLIENT] == [one for one in done if one is not Remedy.NOTHING]


def test_health_that_lasts_forgives_all() -> None:
    ladder = Ladder(PATIENCE)
    climbed(ladder, [Finding.TROUBLE] * 4)

    climbed(ladder, [Finding.ALIVE] * 21, start=60.0)
    again = climbed(ladder, [Finding.TROUBLE] * 2, start=600.0)

    assert [Remedy.NOTHING, Remedy.CUT] == again


def test_health_that_does_not_last_forgives_nothing() -> None:
    ladder = Ladder(PATIENCE)
    climbed(ladder, [Finding.TROUBLE] * 2)

    climbed(ladder, [Finding.ALIVE] * 5, start=30.0)
    again = climbed(ladder, [Finding.TROUBLE] * 2, start=105.0)

    assert [Remedy.NOTHING, Remedy.FRESH_CLIENT] == again


def test_while_discord_is_out_of_reach_nothing_is_mended_for_minutes_and_no_process_ends() -> None:
    done = climbed(Ladder(PATIENCE), [Finding.OFFLINE] * 400)

    assert {Remedy.NOTHING} == set(done[:39])
    assert 10 == done.count(Remedy.FRESH_CLIENT)
    assert Remedy.FRESH_PROCESS not in done
