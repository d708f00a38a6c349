"""How often the message of a job is edited while it runs, by how many run: the rule alone, played.

Each job does forty steps of half a second and has news after each; all are asked for at once, in as
many channels as are said.
"""

from __future__ import annotations

from bot.policy.pacing import EDITS_PER_SECOND, News, Pace, next_edit

STEPS, STEP_SECONDS = 40, 0.5
LOOK_SECONDS = 0.25
NEVER = float("-inf")


def edits_of(running: int, channels: int) -> list[int]:
    """How many edits each of so many jobs gets."""
    since = dict.fromkeys(range(running), 0.0)
    told: set[int] = set()
    at: dict[int, float] = {}
    any_at, edits = NEVER, [0] * running
    for look in range(1, round(STEPS * STEP_SECONDS / LOOK_SECONDS)):
        now = look * LOOK_SECONDS
        if now % STEP_SECONDS == 0:
            told = set(range(running))
        news = [News(str(job), job % channels, since[job]) for job in told]
        while chosen := next_edit(news, Pace(at, any_at), now):
            job = int(chosen.message)
            told.discard(job)
            since[job] = at[chosen.channel] = any_at = now
            edits[job] += 1
    return edits


def main() -> None:
    """Print the table."""
    seconds = STEPS * STEP_SECONDS
    print(
        f"{'running':>7} {'channels':>8} {'edits a job':>12} {'least':>6} {'in all, a second':>17}"
    )
    for running, channels in ((1, 1), (10, 1), (10, 10), (50, 1), (50, 50)):
        edits = edits_of(running, channels)
        print(
            f"{running:7} {channels:8} {sum(edits) / running:12.1f} {min(edits):6}"
            f" {sum(edits) / seconds:17.2f}"
        )
    print(f"never more than {EDITS_PER_SECOND:g} a second in all; 40 steps of 0.5 s each")


if __name__ == "__main__":
    main()
