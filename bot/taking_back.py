"""What takes back: erasures and purges, built of what they need. Also where no worker runs."""

from __future__ import annotations

from bot.ports import Bell
from bot.services.aim import Aim
from bot.services.attest import Attest
from bot.services.clear import Clear
from bot.services.conclude import Conclude
from bot.services.erase import Erase
from bot.services.hands import Hands
from bot.services.previews import Previews
from bot.services.purge import Purge
from bot.services.questions import Questions
from bot.services.unpost import Unpost
from bot.services.unsay import Unsay
from gen.engine import Engine


def taking_back(
    conclude: Conclude, attest: Attest, engine: Engine | None, questions: Questions
) -> tuple[Erase, Purge]:
    """Build what erases and what purges; without an engine where no worker runs."""
    memory, messenger, clock, zone = attest.memory, attest.messenger, attest.clock, attest.zone
    erase = Erase(
        memory=memory,
        engine=engine,
        conclude=conclude,
        aim=Aim(memory, attest.walk, clock, zone),
        unsay=Unsay(memory, messenger, attest.walk),
        attest=attest,
        lifetimes=attest.lifetimes,
        questions=questions,
        clock=clock,
        zone=zone,
        hands=Hands(clock, freed=Bell()),
        erasing=Bell(),
    )
    clear = Clear(
        memory=memory,
        engine=engine,
        messenger=messenger,
        conclude=conclude,
        unpost=Unpost(memory, messenger, clock),
        attest=attest,
        clock=clock,
    )
    purge = Purge(
        memory=memory,
        messenger=messenger,
        conclude=conclude,
        clear=clear,
        previews=Previews(clock),
        clock=clock,
        zone=zone,
        hands=Hands(clock, freed=Bell()),
        purging=Bell(),
    )
    return erase, purge
