"""Engines played forward: what shares a batch slows it, and a line begins where a row is free."""

import pytest

from gen.forecast import Work, played


def test_a_job_alone_takes_what_it_costs():
    assert 9.0 == pytest.approx(played([], [Work(1, 9.0)], engines=1, rows=4))


def test_two_in_one_batch_share_the_time_and_two_engines_do_not():
    line = [Work(1, 5.0), Work(1, 5.0)]

    assert 10.0 == pytest.approx(played([], line, engines=1, rows=4))
    assert 5.0 == pytest.approx(played([], line, engines=2, rows=4))


def test_who_waits_for_a_row_begins_when_one_is_free():
    assert 6.0 == pytest.approx(played([Work(4, 4.0)], [Work(1, 2.0)], engines=1, rows=4))


def test_a_short_job_beside_a_long_one_is_done_first():
    assert 4.0 == pytest.approx(played([Work(1, 100.0)], [Work(1, 2.0)], engines=1, rows=4))


def test_pictures_of_one_job_are_rows_of_their_own():
    assert 4.0 == pytest.approx(played([Work(1, 100.0)], [Work(3, 3.0)], engines=1, rows=4))


def test_an_engine_that_says_it_has_no_rows_is_taken_to_have_one():
    line = [Work(1, 1.0), Work(1, 2.0)]

    assert played([], line, engines=1, rows=1) == played([], line, engines=1, rows=0)
