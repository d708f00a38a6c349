"""The parameters of a prompt: what each takes, what is wrong with one, and what was made of it."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain import Ask, At, Cause, Question, Refusal, Visibility
from bot.policy.parameters import SHORT_NAMES, TABLE, Parameter
from bot.policy.said import has_own_strength
from bot.ports import Button, Post
from bot.words.amounts import fast_time
from gen.abilities import Ability
from gen.job import Spec
from gen.samplers import SAMPLERS

_OFTEN = "nothing was made or counted"

SENTENCES: dict[Cause, str] = {
    Cause.PARAMETER_UNKNOWN: "I know no parameter “--{name}” ({at}).{nearest} A backslash before "
    f"its dashes makes it plain words; {_OFTEN}.",
    Cause.PARAMETER_UNSERVED: "`--{name}` ({at}) is of another bot, and no model here has it. "
    f"{{instead}}; {_OFTEN}.",
    Cause.PARAMETER_TWICE: "`--{name}` is there twice, the second time {at}. Say it once; "
    f"{_OFTEN}.",
    Cause.PARAMETER_EMPTY: f"`--{{name}}` ({{at}}) needs a value: {{takes}}; {_OFTEN}.",
    Cause.PARAMETER_VALUE: f"`--{{name}}` ({{at}}) takes {{takes}}; {_OFTEN}.",
    Cause.PARAMETER_NEEDS_IMAGE: "`--{name}` ({at}) says how far a picture is changed, and there "
    f"is none. Attach one as `image`, or leave it out; {_OFTEN}.",
    Cause.PARAMETERS_DISAGREE: "`--{one}` and {other} ({at}) are about the same thing. Say only "
    f"one of them; {_OFTEN}.",
    Cause.BRACES: f"{{what}} ({{at}}). A backslash makes a brace a plain one; {_OFTEN}.",
    Cause.WEIGHT: "That weight ({at}) is no number from -{most} to {most}. Write it like "
    f"`hot dog::1.5`; a backslash before `::` makes it plain colons; {_OFTEN}.",
    Cause.WEIGHTS_SUM: "All `::` weights of a prompt together must be more than 0. Give what you "
    f"want more weight than what you do not; {_OFTEN}.",
    Cause.WILDCARD_UNKNOWN: "You keep no list “{name}” ({at}). `/prefer wildcard list` names "
    f"yours; {_OFTEN}.",
    Cause.VISIBILITY_PUT_TOGETHER: "In that line `--public` or `--stealth` only comes together out "
    f"of pieces. Say it once, outside of braces, or with the option `visibility`; {_OFTEN}.",
    Cause.PLAN_REPEAT: "The plan {plan} allows `--repeat` up to {limit}. Ask for fewer; "
    f"{_OFTEN}.",
    Cause.PLAN_PERMUTATIONS: "Your braces make {jobs} jobs, and the plan {plan} allows {limit} "
    f"from one line. Leave some of them out; {_OFTEN}.",
    Cause.PLAN_JOBS: "Your line makes {jobs} jobs, and with the plan {plan} {limit} at most may "
    f"wait or run at a time. Ask for fewer; {_OFTEN}.",
    Cause.MODEL_CANNOT: "The model **{model}** cannot do this: {lacking}. Leave it out, or choose "
    f"another model; {_OFTEN}.",
    Cause.NO_GUIDANCE: "The model **{model}** works without guidance, so `{what}` would do "
    f"nothing. Leave it out, or say a guidance above 1, such as `--cfg 2`; {_OFTEN}.",
    Cause.NO_SUCH_LORA: f"The model **{{model}}** has no such LoRA. It has: {{loras}}; {_OFTEN}.",
}

TAKES: dict[str, str] = {
    "ar": "two whole numbers, such as `3:2`",
    "no": "what you do not want to see, such as `--no cars`",
    "seed": "a whole number from {least} to {most}",
    "steps": "a whole number from {least} to {most}",
    "cfg": "a number from {least} to {most}",
    "stylize": "a whole number from {least} to {most}, 100 being the model's own style",
    "count": "a whole number from {least} to {most}",
    "repeat": "a whole number from {least} to {most}",
    "stop": "a whole number from {least} to {most}, in percent",
    "tile": "no value: it stands alone",
    "model": "the name of a model, as `/models` lists it; in quotes if it has spaces",
    "sampler": "one of " + ", ".join(SAMPLERS),
    "iw": "a number from {least} to {most}",
    "strength": "a number from {least} to {most}",
    "fast": "no value: it stands alone",
    "relax": "no value: it stands alone",
    "lora": "a name and a weight from -{most} to {most}, such as `ink:0.8`",
    "spoiler": "no value: it stands alone",
}
"""What each parameter takes, by its name."""

MEANS: dict[str, str] = {
    "ar": "shape",
    "no": "what to leave out",
    "seed": "the noise it begins with",
    "steps": "how much work goes into it",
    "cfg": "how closely it follows the words",
    "stylize": "how freely it follows them",
    "count": "pictures of one job",
    "repeat": "jobs of one line",
    "stop": "finishes early",
    "tile": "edges that meet",
    "model": "what draws it",
    "sampler": "how noise becomes a picture",
    "iw": "how much your picture counts",
    "strength": "how far your picture is changed",
    "fast": "goes before relaxed jobs",
    "relax": "takes no fast time",
    "lora": "a style beside the model's own",
    "spoiler": "covered until it is clicked",
}
"""What each parameter is for, by its name."""

INSTEAD: dict[str, str] = {
    "chaos": "For pictures that differ more, ask for several with `--count 4`",
    "weird": "Say in words what should be strange about it",
    "style": "Say the style in words, or take another model with `--model`",
    "sref": "Attach the picture as `image` and say how far to change it with `--strength`",
    "oref": "Attach the picture as `image`; `--iw` says how much it counts",
    "video": "I make still pictures",
    "version": "`--model` chooses the model; `/models` lists what there is",
    "quality": "`--steps` says how much work goes into a picture",
    "zoom": "Press 🔍 or ⤢ under a result",
    "upbeta": "Press ⬆️ under a result",
    "width": "`--ar` says the shape, such as `--ar 3:2`",
    "sameseed": "`--seed` says the first picture's noise; the others' count up from it",
    "turbo": "`--fast` is the fastest there is",
}
"""What to do instead of what other bots know, by `policy.parameters.UNSERVED`."""

_BRACES = {
    "unclosed": "A brace is opened and never closed",
    "unopened": "A brace is closed that was never opened",
    "deep": "Braces stand in braces more than eight deep",
}

_ABILITIES: dict[Ability, str] = {
    Ability.WEIGHTS: "`::` weights",
    Ability.NEGATIVE: "words for what is not wanted (`--no`)",
    Ability.SAMPLERS: "another sampler (`--sampler`)",
    Ability.STOP: "stopping early (`--stop`)",
    Ability.TILE: "edges that meet (`--tile`)",
    Ability.START: "starting from a picture",
    Ability.MASK: "painting only a part anew",
    Ability.BLEND: "blending pictures",
    Ability.LORAS: "LoRAs (`--lora`)",
}


def facts(refusal: Refusal) -> Mapping[str, object]:
    """Say a refusal's facts as its sentence needs them."""
    said = dict(refusal.facts)
    match refusal.cause:
        case Cause.PARAMETER_UNKNOWN:
            said["nearest"] = f" Did you mean `--{said['nearest']}`?" if said["nearest"] else ""
        case Cause.PARAMETER_UNSERVED:
            said["instead"] = INSTEAD[str(said["unserved"])]
        case Cause.PARAMETER_EMPTY | Cause.PARAMETER_VALUE:
            said["takes"] = TAKES[str(said["name"])].format_map(_in_figures(said))
        case Cause.PARAMETERS_DISAGREE:
            said["other"] = f"`--{said['other']}`" if said["other"] else "the command's own option"
        case Cause.BRACES:
            said["what"] = _BRACES[str(said["what"])]
        case Cause.MODEL_CANNOT:
            lacking = said["lacking"]
            named = (
                [_ABILITIES[Ability(each)] for each in lacking]
                if isinstance(lacking, tuple)
                else []
            )
            said["lacking"] = ", ".join(named)
        case Cause.NO_SUCH_LORA:
            said["loras"] = said["loras"] or ("none",)
        case Cause.PLAN_PERMUTATIONS:
            said["jobs"] = f"{said['jobs']:,}"
        case _:
            pass
    return said


def listed() -> list[str]:
    """Name every parameter with its short names, what it is for, and what it takes."""
    return [_told(each) for each in TABLE]


def _told(parameter: Parameter) -> str:
    short = (name for name, whole in SHORT_NAMES.items() if whole == parameter.name)
    names = " ".join(f"`--{name}`" for name in (parameter.name, *short))
    if parameter.read is None:
        return f"{names} {MEANS[parameter.name]}"
    bounds = _in_figures({"least": parameter.least, "most": parameter.most})
    return f"{names} {MEANS[parameter.name]}: {TAKES[parameter.name].format_map(bounds)}"


def place(at: At) -> str:
    """Say where in a prompt something stands."""
    if at.character is None:
        return "in what `/prefer suffix` or `/prefer option set` keeps for you"
    return f"at character {at.character}"


def understood(ask: Ask, spec: Spec) -> tuple[str, ...]:
    """Say what a parameter was turned into, where that is not its own number."""
    notes = list[str]()
    if ask.stylize is not None and ask.guidance is None:
        notes.append(
            f"`--stylize {ask.stylize}` is read as guidance {spec.guidance:.3g} here: the more "
            "style, the less your words count."
        )
    if has_own_strength(ask):
        notes.append(
            f"`--iw {ask.image_weight:g}` is read as strength {spec.strength:.2g} here: the share "
            "that your words have beside the picture."
        )
    return tuple(notes)


def many(question: Question) -> Post:
    """Ask before one line becomes many jobs: how many, and what they take."""
    known = question.facts
    jobs, pictures, fast = (int(str(known.get(name, 0))) for name in ("jobs", "pictures", "fast"))
    lines = [f"Your line makes {jobs} jobs with {pictures} {_pictures(pictures)} in all."]
    seconds = float(str(known.get("fast_seconds", 0.0)))
    if fast:
        took = f", and take {fast_time(seconds)} of your fast time" if seconds else ""
        lines.append(f"{_of(fast, jobs)} fast{took}.")
    if fast < jobs:
        why = ", as your fast time of this month does not reach" if known.get("is_spent") else ""
        lines.append(f"{_of(jobs - fast, jobs)} relaxed{why}; relaxed jobs take no fast time.")
    lines.append("Nothing is queued or counted until you choose.")
    if known.get("seen") == Visibility.STEALTH and (left := known.get("stealth_left")) is not None:
        lines.append(f"They take {jobs} of the {left} stealth jobs that today still holds.")
    return Post(
        " ".join(lines),
        buttons=(
            Button(f"v1:post:{question.id}", "Go ahead"),
            Button(f"v1:drop:{question.id}", "Cancel"),
        ),
    )


def together(jobs: int) -> str:
    """Say of a line's jobs what can be done with them until they are done."""
    return (
        f"Your line made {jobs} jobs; each has its own place. `/queue` shows them, `/cancel` ends "
        "one or all, and `/stealth` sends what is still open to your DM."
    )


def _of(some: int, jobs: int) -> str:
    if some == jobs:
        return "They are"
    return f"{some} of them {'is' if some == 1 else 'are'}"


def _pictures(count: int) -> str:
    return "picture" if count == 1 else "pictures"


def _in_figures(known: Mapping[str, object]) -> dict[str, object]:
    return {
        name: f"{value:g}" if isinstance(value, float) else value for name, value in known.items()
    }
