"""Files that the settings name, read and checked: the plans, the classifier, rules on prompts."""

from __future__ import annotations

from pathlib import Path

from bot.errors import StartFault
from bot.policy import gate, plansfile, rulesfile
from bot.policy.plans import Shelf
from bot.policy.plansfile import PlansUnreadable
from bot.policy.rulesfile import RulesUnreadable
from bot.policy.server import Rule
from bot.settings import Settings
from gen import catalogue, classifiers
from gen.catalogue import Catalogue
from gen.errors import ModelFault

SHIPPED_PLANS = Path(plansfile.__file__).parent / "plans.toml"


def read_shelf(settings: Settings) -> Shelf:
    """Read the plans file and check that roles and SKUs name plans of it.

    Raises:
        StartFault: naming every problem.
    """
    path = settings.plans_file or SHIPPED_PLANS
    try:
        shelf = plansfile.read_shelf(path.read_text("utf-8"))
    except OSError as fault:
        raise StartFault(f"PLANS_FILE {path} cannot be read: {fault.strerror}") from None
    except UnicodeDecodeError:
        raise StartFault(f"PLANS_FILE {path} is not UTF-8 text: save it as that") from None
    except PlansUnreadable as fault:
        raise StartFault(f"{path}: {fault}") from None
    names = {plan.name for plan in shelf.plans}
    mapped = {*settings.role_plans.values(), *settings.sku_plans.values()}
    if unknown := sorted(mapped - names):
        raise StartFault(
            f"ROLE_PLANS or SKU_PLANS name unknown plans: {', '.join(unknown)}; "
            f"{path.name} has {', '.join(sorted(names))}"
        )
    return shelf


def read_models(settings: Settings) -> Catalogue:
    """Read which models there are to draw with.

    Raises:
        StartFault: with every problem, when none can be used.
    """
    name = "MODELS_FILE" if settings.models_file else "MODEL_DIR"
    try:
        return catalogue.read(settings.models_file, settings.model_dir)
    except ModelFault as fault:
        raise StartFault(f"{name} cannot be used: {fault}") from None


def read_limits(settings: Settings) -> dict[str, float]:
    """Check the classifier's folder, and give the limits of its labels; none without a classifier.

    Raises:
        StartFault: naming every problem.
    """
    if settings.classifier_dir is None:
        return {}
    try:
        labels = classifiers.demand(settings.classifier_dir)
    except ModelFault as fault:
        raise StartFault(f"CLASSIFIER_DIR cannot be used: {fault}") from None
    if unknown := gate.unknown_labels(settings.classifier_limits, labels):
        raise StartFault(
            f"CLASSIFIER_LIMITS names labels that the classifier does not know: "
            f"{', '.join(unknown)}; it knows {', '.join(labels)}"
        )
    return settings.classifier_limits


def read_rules(settings: Settings) -> tuple[Rule, ...]:
    """Read the operator's own rules on prompts; without a file there are none.

    Raises:
        StartFault: naming every problem by its line.
    """
    path = settings.rules_file
    if path is None:
        return ()
    try:
        return rulesfile.read_rules(path.read_text("utf-8"))
    except OSError as fault:
        raise StartFault(f"RULES_FILE {path} cannot be read: {fault.strerror}") from None
    except UnicodeDecodeError:
        raise StartFault(f"RULES_FILE {path} is not UTF-8 text: save it as that") from None
    except RulesUnreadable as fault:
        raise StartFault(f"{path}: {fault}") from None
