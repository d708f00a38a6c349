"""The root key is made once, for us alone, and never silently again."""

import stat

import pytest

from bot.crypto.rootkey import check_private, load_or_create
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
