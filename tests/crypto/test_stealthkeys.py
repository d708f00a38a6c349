"""The keys of stealth jobs live in memory: through a crash, never through a power-off."""

import stat

import pytest

from bot.crypto import stealthkeys
from bot.crypto.stealthkeys import StealthKeys, folder_in_memory, is_memory


def contents(folder) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def test_without_a_folder_only_the_process_remembers():
    keys = StealthKeys(None)

    key = keys.new("job", "recipe")

    assert 32 == len(key)
    assert key == keys.get("job", "recipe")
    assert StealthKeys(None).get("job", "recipe") is None


def test_each_job_and_purpose_has_its_own_key():
    keys = StealthKeys(None)

    items = [(job, purpose) for job in ("a", "b") for purpose in ("recipe", "picture")]

    made = {keys.new(*item) for item in items}

    assert 4 == len(made)
    assert items == keys.items()


def test_with_a_folder_in_memory_keys_survive_the_process(in_memory):
    first = StealthKeys(in_memory)
    recipe, picture = first.new("job", "recipe"), first.new("job", "picture")

    again = StealthKeys(in_memory)

    assert (recipe, picture) == (again.get("job", "recipe"), again.get("job", "picture"))
    assert {"job"} == {job for job, _ in again.items()}


def test_key_files_are_for_us_alone(in_memory):
    StealthKeys(in_memory).new("job", "recipe")

    (path,) = in_memory.iterdir()

    assert 0o600 == stat.S_IMODE(path.stat().st_mode)


def test_a_dropped_job_is_forgotten_with_its_files_and_the_others_stay(in_memory):
    keys = StealthKeys(in_memory)
    keys.new("job", "recipe")
    keys.new("job", "picture")
    kept = keys.new("other", "recipe")

    keys.drop("job")

    assert [("other", "recipe")] == keys.items()
    assert [kept] == contents(in_memory)
    assert StealthKeys(in_memory).get("job", "recipe") is None


def test_dropping_twice_or_what_never_was_is_no_fault(in_memory):
    keys = StealthKeys(in_memory)
    keys.new("job", "recipe")

    keys.drop("job")
    keys.drop("job")
    keys.drop("never")

    assert [] == keys.items()


def test_a_key_file_that_a_crash_left_half_written_is_no_key(in_memory):
    (in_memory / "job.recipe").write_bytes(b"half")

    assert StealthKeys(in_memory).get("job", "recipe") is None


def test_a_folder_of_ours_in_memory_is_found_and_found_again(in_memory):
    runtime = {"RUNTIME_DIRECTORY": str(in_memory)}

    folder = folder_in_memory(runtime, "darkroom")

    assert in_memory / "darkroom" == folder
    assert 0o700 == stat.S_IMODE(folder.stat().st_mode)
    assert folder == folder_in_memory(runtime, "darkroom")


def test_the_services_own_folder_comes_before_the_users(in_memory):
    for name in ("service", "user"):
        (in_memory / name).mkdir()
    runtime = {
        "XDG_RUNTIME_DIR": str(in_memory / "user"),
        "RUNTIME_DIRECTORY": str(in_memory / "service"),
    }

    assert in_memory / "service" / "darkroom" == folder_in_memory(runtime, "darkroom")
    del runtime["RUNTIME_DIRECTORY"]
    assert in_memory / "user" / "darkroom" == folder_in_memory(runtime, "darkroom")


@pytest.fixture
def no_memory_elsewhere(monkeypatch):
    """A machine where only what a test says is memory."""
    seen = []
    monkeypatch.setattr(stealthkeys, "is_memory", lambda path: bool(seen.append(path)))
    return seen


def test_what_is_not_memory_is_never_taken(tmp_path, no_memory_elsewhere):
    runtime = {"RUNTIME_DIRECTORY": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}

    assert folder_in_memory(runtime, "darkroom") is None
    assert [] == list(tmp_path.iterdir())
    assert [str(tmp_path), str(tmp_path), "/dev/shm"] == [str(path) for path in no_memory_elsewhere]


def test_a_disk_is_not_memory_and_a_missing_folder_is_not_either(in_memory):
    assert is_memory(in_memory)
    assert not is_memory(in_memory / "nothing")
    assert not is_memory(stealthkeys.Path("/proc"))


def test_a_folder_that_others_may_enter_is_not_taken(in_memory):
    (in_memory / "darkroom").mkdir()
    (in_memory / "darkroom").chmod(0o755)

    found = folder_in_memory({"RUNTIME_DIRECTORY": str(in_memory)}, "darkroom")

    assert in_memory / "darkroom" != found
    if found is not None:
        found.rmdir()


def test_a_link_that_somebody_laid_there_is_not_followed(in_memory):
    (in_memory / "theirs").mkdir(mode=0o700)
    (in_memory / "darkroom-trap").symlink_to(in_memory / "theirs")

    found = folder_in_memory({"RUNTIME_DIRECTORY": str(in_memory)}, "darkroom-trap")

    assert in_memory / "darkroom-trap" != found
    if found is not None:
        found.rmdir()


def test_when_nothing_waits_no_folder_is_left_behind(in_memory):
    folder = folder_in_memory({"RUNTIME_DIRECTORY": str(in_memory)}, "darkroom")
    keys = StealthKeys(folder)
    keys.new("job", "recipe")

    keys.close()
    assert StealthKeys(folder).get("job", "recipe")

    keys.drop("job")
    keys.close()
    assert not folder.exists()
    StealthKeys(None).close()


def test_when_the_folder_is_taken_away_the_process_remembers_alone(in_memory):
    folder = folder_in_memory({"RUNTIME_DIRECTORY": str(in_memory)}, "darkroom")
    keys = StealthKeys(folder)
    folder.rmdir()  # as a logout does

    key = keys.new("job", "recipe")

    assert keys.folder is None
    assert key == keys.get("job", "recipe")
    keys.drop("job")
    assert [] == keys.items()


def test_a_folder_that_was_given_up_keeps_no_key_of_a_job_that_ends(in_memory):
    keys = StealthKeys(in_memory)
    keys.new("job", "recipe")
    (in_memory / "next.recipe").touch(mode=0o600)  # what cannot be written, as on a full tmpfs
    keys.new("next", "recipe")
    assert keys.folder is None

    keys.drop("job")
    keys.drop("next")

    assert [] == contents(in_memory)


def test_a_key_file_that_a_crash_left_half_written_is_taken_away(in_memory):
    (in_memory / "job.recipe").write_bytes(b"half")

    StealthKeys(in_memory)

    assert [] == contents(in_memory)
