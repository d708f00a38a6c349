"""A public result stands only where the bot may post and its asker may too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Cause, Refusal
from bot.policy.place import asker_needs, bot_needs, check
from tests.asks import where

BOT = ("view_channel", "read_message_history", "send_messages", "attach_files", "embed_links")


def test_where_everything_is_allowed_a_result_may_stand():
    assert check(where()) is None


@pytest.mark.parametrize("missing", BOT)
def test_a_permission_the_bot_lacks_is_named(missing):
    place = where(bot_may=frozenset(BOT) - {missing})

    assert Refusal(Cause.BOT_PERMISSIONS, {"missing": (missing,)}) == check(place)


def test_all_the_bot_lacks_is_named_at_once():
    assert Refusal(Cause.BOT_PERMISSIONS, {"missing": BOT}) == check(where(bot_may=frozenset()))


@pytest.mark.parametrize("missing", ["send_messages", "attach_files"])
def test_the_bot_posts_nothing_for_who_may_not_post_themselves(missing):
    place = where(asker_may=frozenset({"send_messages", "attach_files"}) - {missing})

    assert Refusal(Cause.ASKER_PERMISSIONS, {"missing": (missing,)}) == check(place)


def test_a_thread_asks_for_its_own_send_permission():
    thread = where(is_thread=True)
    as_channel = where(is_thread=True, bot_may=frozenset(BOT))

    assert check(thread) is None
    assert ("send_messages_in_threads",) == check(as_channel).facts["missing"]
    assert "send_messages" not in (*bot_needs(thread), *asker_needs(thread))


def test_who_may_send_in_the_channel_may_not_send_in_its_thread():
    thread = where(is_thread=True, asker_may=frozenset({"send_messages", "attach_files"}))

    assert Cause.ASKER_PERMISSIONS is check(thread).cause


def test_nothing_is_posted_for_somebody_in_a_time_out():
    assert Refusal(Cause.ASKER_TIMED_OUT) == check(where(asker_timed_out=True))


def test_a_forum_front_page_holds_no_picture():
    assert Refusal(Cause.FORUM_ROOT) == check(where(is_forum=True))


@given(st.sets(st.sampled_from(BOT)), st.sets(st.sampled_from(BOT)), st.booleans())
def test_what_passes_has_every_permission(bot, asker, timed_out):
    place = where(bot_may=frozenset(bot), asker_may=frozenset(asker), asker_timed_out=timed_out)

    allowed = set(bot) >= set(BOT) and {"send_messages", "attach_files"} <= asker

    assert (allowed and not timed_out) == (check(place) is None)
