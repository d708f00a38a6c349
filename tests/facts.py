"""Facts to print papers from: an operator who said who they are, and one who did not."""

from dataclasses import replace
from importlib import resources

from bot.policy.disclosure import Facts, Operator
from bot.policy.plansfile import read_shelf
from bot.policy.retention import DAY, DataClass

SHIPPED = read_shelf((resources.files("bot.policy") / "plans.toml").read_text()).plans

SILENT = Facts(operator=Operator(), plans=SHIPPED, model="Pocket", licence="MIT", version="0.1.0")
"""As shipped: the operator has said nothing."""

SAID = replace(
    SILENT,
    operator=Operator(
        name="Rosa's GPU", contact="rosa@example.org", country="Iceland", answer_time="2 days"
    ),
    limits={DataClass.RECIPE: 7 * DAY, DataClass.POST: 14 * DAY},
    commit="0123456789ab",
    backup_days=5,
    model_digest="ab" * 32,
)
"""An operator who filled everything in, and tightened two lifetimes."""
