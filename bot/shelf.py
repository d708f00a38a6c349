"""The plans file, read and checked against the settings."""

from __future__ import annotations

from pathlib import Path

from bot.errors import StartFault
from bot.policy import plans
from bot.policy.plans import Plan, PlansUnreadable
from bot.settings import Settings

SHIPPED_PLANS = Path(plans.__file__).parent / "plans.toml"


def read_plans(settings: Settings) -> tuple[Plan, ...]:
    """Read the plans file and check that roles and SKUs name plans of it.

    Raises:
        StartFault: naming every problem.
    """
    path = settings.plans_file or SHIPPED_PLANS
    try:
        shelf = plans.read_plans(path.read_text())
    except OSError as fault:
        raise StartFault(f"PLANS_FILE {path} cannot be read: {fault.strerror}") from None
    except PlansUnreadable as fault:
        raise StartFault(f"{path}: {fault}") from None
    names = {plan.name for plan in shelf}
    mapped = {*settings.role_plans.values(), *settings.sku_plans.values()}
    if unknown := sorted(mapped - names):
        raise StartFault(
            f"ROLE_PLANS or SKU_PLANS name unknown plans: {', '.join(unknown)}; "
            f"{path.name} has {', '.join(sorted(names))}"
        )
    return shelf
