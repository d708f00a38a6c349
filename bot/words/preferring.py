"""`/prefer` and `/settings`: what somebody prefers, said and shown to them alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.domain import Choices, OptOut, Visibility
from bot.policy.plans import StealthRule
from bot.policy.preferences import MAX_OPTIONS, MAX_WILDCARDS, Switch, is_on
from bot.ports import Button, Choice, Post, Select
from bot.words.amounts import said_of
from bot.words.answers import CONTENT_LIMIT, USED_FOR, two_lines
from bot.words.echo import echo
from bot.words.pages import pages
from bot.words.standing import Standing, because, job_mode

SUFFIX_SHOWN = 300
"""Characters of a suffix that the screen shows, with its backslashes; `/prefer suffix` has all."""

MODELS_SHOWN = 25
"""Lines of a select (https://discord.com/developers/docs/components/reference#string-select)."""

LABEL_LIMIT = 100

_LABELS = {
    Switch.REMIX: "Remix",
    Switch.VARIABILITY: "Variation",
    Switch.AUTO_DM: "Copy by DM",
    Switch.PREVIEWS: "Previews by DM",
}
_ON = {Switch.VARIABILITY: "strong"}
_OFF = {Switch.VARIABILITY: "subtle"}
_MEANS = {
    (Switch.REMIX, True): "🔄 and the V buttons ask for the words first.",
    (Switch.REMIX, False): "🔄 and the V buttons ask for nothing and begin at once.",
    (Switch.VARIABILITY, True): "V1 to V4 change a picture much.",
    (Switch.VARIABILITY, False): "V1 to V4 change a picture little.",
    (Switch.AUTO_DM, True): "Your public results come to your DM, too.",
    (Switch.AUTO_DM, False): "Your public results stand in their channel alone.",
    (Switch.PREVIEWS, True): (
        "While a stealth job runs, its message in your DM shows previews: Discord carries them, "
        "as it carries the result."
    ),
    (Switch.PREVIEWS, False): "While a stealth job runs, its message in your DM shows no preview.",
}
KEPT_AS_ACCEPTED = "Jobs that wait or run keep the words and parameters they were accepted with."


def settings(standing: Standing, models: tuple[str, ...], said: str) -> Post:
    """The screen of `/settings`; `said` is the answer to a press in it, empty where there is none.

    `models` are the names of those that can be chosen.
    """
    chosen = standing.chosen
    lines = [
        *([said, ""] if said else []),
        "**Your settings**",
        f"**Visibility** {standing.mode} · {because(standing)}",
        *(f"-# {why}" for why in _not_to_choose(standing)),
        f"**Speed** {job_mode(standing)}",
        *([f"**Model** {_model(chosen, models)}"] if len(models) > 1 else []),
        *(
            f"**{_LABELS[each]}** {_state(each, is_on(chosen, each))} · "
            f"{_MEANS[each, is_on(chosen, each)]}"
            for each in Switch
        ),
        f"**Suffix** {_suffix(chosen.suffix)}",
        f"**Options** {len(chosen.options)} of {MAX_OPTIONS} · `/prefer option list`",
        f"**Wildcards** {len(chosen.wildcards)} of {MAX_WILDCARDS} · `/prefer wildcard list`",
        "-# A parameter in a prompt beats what is set here. " + KEPT_AS_ACCEPTED,
    ]
    if USED_FOR not in said:
        lines += two_lines(standing.mode)
    return Post(
        "\n".join(lines)[:CONTENT_LIMIT],
        buttons=tuple(_button(each, is_on(chosen, each)) for each in Switch),
        selects=tuple(_selects(standing, models)),
    )


def _selects(standing: Standing, models: Sequence[str]) -> Iterator[Select]:
    chosen, plan = standing.chosen, standing.plan
    yield Select(
        "v1:set:visibility",
        "Visibility: by your plan",
        tuple(
            Choice(seen, _SEEN[seen], is_chosen=chosen.visibility is seen)
            for seen in _visibilities(standing)
        ),
    )
    if len(plan.speeds) > 1:
        yield Select(
            "v1:set:speed",
            "Speed: by your plan",
            tuple(
                Choice(each, said_of(each).capitalize(), is_chosen=chosen.speed is each)
                for each in plan.speeds
            ),
        )
    if len(models) > 1:
        yield Select(
            "v1:set:model",
            "Model",
            tuple(
                Choice(
                    name[:LABEL_LIMIT],
                    name[:LABEL_LIMIT],
                    is_chosen=(chosen.model or models[0]) == name,
                )
                for name in models[:MODELS_SHOWN]
            ),
        )


_SEEN = {
    Visibility.PUBLIC: "Public: in the channel I ask in",
    Visibility.STEALTH: "Stealth: in my DM",
}


def _visibilities(standing: Standing) -> Iterator[Visibility]:
    """Give what can be chosen: what the plan has, and nothing that the person forbade."""
    rule = standing.plan.stealth
    if rule is not StealthRule.ALWAYS and standing.forbidden is not OptOut.NEVER_PUBLIC:
        yield Visibility.PUBLIC
    if rule is not StealthRule.NEVER or standing.forbidden is OptOut.NEVER_PUBLIC:
        yield Visibility.STEALTH


def _not_to_choose(standing: Standing) -> Iterator[str]:
    """Say what cannot be chosen, and why."""
    name = standing.plan.name
    if standing.forbidden is OptOut.NEVER_PUBLIC:
        yield (
            "Public cannot be chosen: you asked that nothing of yours is ever public. "
            "`/privacy opt-in` undoes that."
        )
    match standing.plan.stealth:
        case StealthRule.ALWAYS:
            yield f"Public cannot be chosen: with the plan {name} every job is stealth."
        case StealthRule.NEVER:
            yield f"Stealth cannot be chosen: the plan {name} has none."
        case _:
            return


def _model(chosen: Choices, models: Sequence[str]) -> str:
    if chosen.model in models:
        return f"{chosen.model} · you chose it"
    return f"{models[0]} · as for everybody"


def _suffix(suffix: str) -> str:
    if not suffix:
        return "none · `/prefer suffix` puts parameters behind every prompt"
    said = echo(suffix)
    shown = said if len(said) <= SUFFIX_SHOWN else f"{said[:SUFFIX_SHOWN]}…"
    return f"{shown} · `/prefer suffix` changes it, and without a text resets it"


def _state(switch: Switch, on: bool) -> str:
    return _ON.get(switch, "on") if on else _OFF.get(switch, "off")


def _button(switch: Switch, on: bool) -> Button:
    """It shows what is; its id says what a press makes of that, also on an old screen."""
    return Button(
        f"v1:set:{switch}:{'off' if on else 'on'}", f"{_LABELS[switch]}: {_state(switch, on)}"
    )


# --- answers ------------------------------------------------------------------------------------


def switched(switch: Switch, on: bool) -> str:
    """Answer to a switch."""
    said = f"**{_LABELS[switch]}** is {_state(switch, on)} from now on. {_MEANS[switch, on]}"
    if switch is Switch.PREVIEWS:
        return "\n".join([said, *two_lines(Visibility.STEALTH)])
    return said


def suffix_kept(suffix: str) -> str:
    """Answer to `/prefer suffix`."""
    if not suffix:
        return f"Nothing stands behind your prompts any more. {KEPT_AS_ACCEPTED}"
    return (
        f"Behind each of your prompts stands from now on: {echo(suffix)}\n"
        "A parameter in a prompt beats it. It is kept sealed, and `/prefer suffix` without a text "
        f"resets it. {KEPT_AS_ACCEPTED}"
    )


def option_kept(name: str, value: str, count: int) -> str:
    """Answer to `/prefer option set`; an empty value deleted it."""
    if not value:
        return f"The option `--{name}` is deleted. You have {count} of {MAX_OPTIONS}."
    return (
        f"In a prompt of yours `--{name}` means from now on: {echo(value)}\n"
        f"You have {count} of {MAX_OPTIONS}."
    )


def wildcard_kept(name: str, entries: Sequence[str], count: int) -> str:
    """Answer to `/prefer wildcard set`; no entries deleted it."""
    if not entries:
        return f"The list `__{name}__` is deleted. You have {count} of {MAX_WILDCARDS}."
    return (
        f"In a prompt of yours `__{name}__` takes one of {len(entries)} from now on: "
        f"{echo(', '.join(entries))}\nYou have {count} of {MAX_WILDCARDS}."
    )


def options_listed(options: Mapping[str, str]) -> list[str]:
    """Answer to `/prefer option list`."""
    if not options:
        return [
            "You have no options. `/prefer option set` keeps parameters under a name: `mine` with "
            "`--ar 1:1 --steps 20` makes `--mine` mean both."
        ]
    head = f"**Your options** {len(options)} of {MAX_OPTIONS}"
    return pages([head, *(f"`--{name}` {echo(value)}" for name, value in sorted(options.items()))])


def wildcards_listed(wildcards: Mapping[str, Sequence[str]]) -> list[str]:
    """Answer to `/prefer wildcard list`."""
    if not wildcards:
        return [
            "You have no lists. `/prefer wildcard set` keeps one under a name: `colour` with "
            "`red, deep blue` makes `__colour__` take one of them."
        ]
    head = f"**Your lists** {len(wildcards)} of {MAX_WILDCARDS}"
    told = (
        f"`__{name}__` {len(entries)}: {echo(', '.join(entries))}"
        for name, entries in sorted(wildcards.items())
    )
    return pages([head, *told])


def model_chosen(name: str) -> str:
    """Answer to a model chosen in `/settings`."""
    return f"From now on your jobs are made with {name}. {KEPT_AS_ACCEPTED}"


NO_SUCH_MODEL = "That model is not here any more. Choose another; nothing was changed."
