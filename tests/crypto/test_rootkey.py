"""The root key is made once, for us alone, and never silently again."""

import os
import stat
from pathlib import Path

import pytest

from bot.crypto.rootkey import (
    CREDENTIAL,
    Source,
    check_private,
    check_replaceable,
    draw_next,
    drop_next,
    find,
    load_credential,
    load_or_create,
    take_next,
)
from bot.errors import StartFault


def refusal(path, *, may_create=True) -> str:
    with pytest.raises(StartFault) as caught:
        load_or_create(path, may_create=may_create)
    return str(caught.value)


def test_the_first_run_makes_a_key_that_only_we_may_read(tmp_path):
    path = tmp_path / "keys" / "root.key"

    key = load_or_create(path, may_create=True)

    assert 32 == len(key)
    assert key == path.read_bytes()
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert 0o700 == stat.S_IMODE(path.parent.stat().st_mode)
    assert [path] == list(path.parent.iterdir())


def test_the_next_run_reads_the_same_key(tmp_path):
    made = load_or_create(tmp_path / "root.key", may_create=True)

    assert made == load_or_create(tmp_path / "root.key", may_create=False)
    assert made == load_or_create(tmp_path / "root.key", may_create=True)


def test_two_houses_have_two_keys(tmp_path):
    keys = {load_or_create(tmp_path / name, may_create=True) for name in ("a", "b")}

    assert 2 == len(keys)


def test_a_missing_key_is_not_made_anew_while_data_depends_on_it(tmp_path):
    said = refusal(tmp_path / "root.key", may_create=False)

    assert "is missing" in said
    assert "ROOT_KEY_FILE" in said
    assert not (tmp_path / "root.key").exists()


@pytest.mark.parametrize("content", [b"", b"short", bytes(31), bytes(33), b"a" * 64 + b"\n"])
def test_a_file_of_another_length_is_no_key(tmp_path, content):
    path = tmp_path / "root.key"
    path.write_bytes(content)
    path.chmod(0o600)

    assert "exactly 32 bytes" in refusal(path)
    assert content == path.read_bytes()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610, 0o601, 0o777])
def test_a_key_that_others_may_read_is_refused_with_the_command_that_mends_it(tmp_path, mode):
    path = tmp_path / "root.key"
    path.write_bytes(bytes(32))
    path.chmod(mode)

    assert f"chmod 600 {path}" in refusal(path)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_key_for_us_alone_is_taken(tmp_path, mode):
    path = tmp_path / "root.key"
    path.write_bytes(bytes(32))
    path.chmod(mode)

    assert bytes(32) == load_or_create(path, may_create=False)


def test_a_folder_where_the_key_should_be_is_refused_in_one_line(tmp_path):
    (tmp_path / "root.key").mkdir(mode=0o700)

    assert "cannot be read" in refusal(tmp_path / "root.key")


def test_a_place_that_cannot_be_written_is_refused_in_one_line(tmp_path):
    (tmp_path / "a file").touch()

    said = refusal(tmp_path / "a file" / "root.key")

    assert "ROOT_KEY_FILE" in said
    assert "\n" not in said


def test_no_refusal_shows_the_key(tmp_path):
    path = tmp_path / "root.key"
    path.write_bytes(b"xylophone")
    path.chmod(0o600)

    assert "xylophone" not in refusal(path)


def test_a_file_that_does_not_exist_is_private_enough(tmp_path):
    assert check_private(tmp_path / "nothing") is None


# --- where it is looked for --------------------------------------------------


@pytest.fixture
def unit(tmp_path):
    """The environment of a systemd unit that was handed our credential."""
    folder = tmp_path / "credentials"
    folder.mkdir(mode=0o700)
    (folder / CREDENTIAL).write_bytes(bytes(range(32)))
    (folder / CREDENTIAL).chmod(0o400)
    return {"CREDENTIALS_DIRECTORY": str(folder)}


def test_the_file_that_was_set_goes_before_the_credential_and_that_before_the_default(
    unit, tmp_path
):
    named, default = tmp_path / "named.key", tmp_path / "data.key"
    handed = tmp_path / "credentials" / CREDENTIAL

    assert Source(named) == find(named, default, unit)
    assert Source(handed, is_credential=True) == find(None, default, unit)
    assert Source(default) == find(None, default, {})
    assert Source(default) == find(None, default, {"CREDENTIALS_DIRECTORY": ""})


def test_a_unit_without_our_credential_has_the_default(unit, tmp_path):
    (tmp_path / "credentials" / CREDENTIAL).unlink()

    assert Source(tmp_path / "data.key") == find(None, tmp_path / "data.key", unit)


@pytest.mark.parametrize("mode", [0o400, 0o440, 0o600])
def test_a_credential_is_taken_as_systemd_hands_it_out(unit, tmp_path, mode):
    path = find(None, tmp_path / "data.key", unit).path
    path.chmod(mode)

    assert bytes(range(32)) == load_credential(path)


@pytest.mark.parametrize("mode", [0o444, 0o404, 0o460, 0o450, 0o660])
def test_a_credential_that_more_than_its_unit_may_read_or_write_is_refused(unit, tmp_path, mode):
    path = find(None, tmp_path / "data.key", unit).path
    path.chmod(mode)

    with pytest.raises(StartFault, match="chmod 600"):
        load_credential(path)


def test_a_credential_of_another_length_is_no_key_and_a_missing_one_is_never_made(unit, tmp_path):
    path = find(None, tmp_path / "data.key", unit).path
    path.chmod(0o600)
    path.write_bytes(b"short")

    with pytest.raises(StartFault, match="exactly 32 bytes"):
        load_credential(path)

    path.unlink()
    with pytest.raises(StartFault, match="missing"):
        load_credential(path)
    assert [] == list(path.parent.iterdir())


def test_a_missing_key_names_every_place_it_may_come_from(tmp_path):
    said = refusal(tmp_path / "root.key", may_create=False)

    assert "ROOT_KEY_FILE" in said
    assert CREDENTIAL in said


# --- links and other people's files ------------------------------------------


def test_a_link_to_a_key_of_ours_is_followed(tmp_path):
    made = load_or_create(tmp_path / "stick" / "root.key", may_create=True)
    (tmp_path / "root.key").symlink_to(tmp_path / "stick" / "root.key")

    assert made == load_or_create(tmp_path / "root.key", may_create=False)


def test_a_link_to_a_file_that_others_may_read_is_refused(tmp_path):
    (tmp_path / "stick.key").write_bytes(bytes(32))
    (tmp_path / "stick.key").chmod(0o644)
    (tmp_path / "root.key").symlink_to(tmp_path / "stick.key")

    assert "chmod 600" in refusal(tmp_path / "root.key")


def test_a_link_to_somebody_elses_file_is_refused(tmp_path):
    theirs = Path("/etc/passwd")  # root's, whoever else we are
    if os.geteuid() == 0:
        theirs = tmp_path / "theirs.key"
        theirs.write_bytes(bytes(32))
        theirs.chmod(0o600)
        os.chown(theirs, 12345, 12345)
    (tmp_path / "root.key").symlink_to(theirs)

    said = refusal(tmp_path / "root.key")

    assert "belongs to another user" in said
    assert "ROOT_KEY_FILE" in said


@pytest.mark.parametrize("may_create", [True, False])
def test_a_link_to_nothing_is_refused_and_no_key_is_made_in_its_place(tmp_path, may_create):
    path = tmp_path / "root.key"
    path.symlink_to(tmp_path / "not mounted" / "root.key")

    assert "is not there" in refusal(path, may_create=may_create)
    assert path.is_symlink()
    assert [path] == list(tmp_path.iterdir())


# --- the key that follows ----------------------------------------------------


def test_the_next_key_takes_the_place_of_the_present_one(tmp_path):
    path = tmp_path / "root.key"
    present = load_or_create(path, may_create=True)
    path.chmod(0o400)

    following = draw_next(path)

    assert present == path.read_bytes()
    take_next(path)
    assert following == load_or_create(path, may_create=False)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert [path] == list(tmp_path.iterdir())


def test_the_bytes_of_the_old_key_are_overwritten_where_they_lay(tmp_path):
    path = tmp_path / "root.key"
    present = load_or_create(path, may_create=True)
    same_bytes = tmp_path / "the same place on the disk"
    same_bytes.hardlink_to(path)

    draw_next(path)
    take_next(path)

    assert 32 == len(same_bytes.read_bytes())
    assert present != same_bytes.read_bytes()


def test_where_the_key_is_a_link_its_target_is_replaced(tmp_path):
    target = tmp_path / "stick" / "root.key"
    load_or_create(target, may_create=True)
    (tmp_path / "root.key").symlink_to(target)

    following = draw_next(tmp_path / "root.key")
    take_next(tmp_path / "root.key")

    assert (tmp_path / "root.key").is_symlink()
    assert following == target.read_bytes()
    assert [target] == list(target.parent.iterdir())


def test_a_next_key_that_is_dropped_leaves_everything_as_it_was(tmp_path):
    path = tmp_path / "root.key"
    present = load_or_create(path, may_create=True)
    draw_next(path)

    drop_next(path)

    assert present == load_or_create(path, may_create=False)
    assert [path] == list(tmp_path.iterdir())


def test_whether_a_key_can_be_replaced_is_asked_without_a_trace(tmp_path):
    path = tmp_path / "root.key"
    present = load_or_create(path, may_create=True)

    check_replaceable(path)

    assert present == path.read_bytes()
    assert [path] == list(tmp_path.iterdir())


def test_a_key_that_cannot_be_replaced_is_refused_with_another_way(tmp_path):
    with pytest.raises(StartFault, match="--to"):
        check_replaceable(tmp_path / "nothing")
