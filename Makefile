# Darkroom's commands. `make demo` and `make test` each set everything up in .venv by themselves.

PYTHON ?= python3
# Without an NVIDIA GPU torch's CPU build is much smaller; to have it from torch's own index:
#   make demo TORCH_INDEX="--index-url https://download.pytorch.org/whl/cpu"
TORCH_INDEX ?=
VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements.lock
TORCH := $(shell grep '^torch==' $(LOCK))
CHECKED := bot cogs gen tests

.PHONY: demo test chromium shots prove soak bench lock clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.complete  ## start sandbox, bot and worker, and watch the product work
	@$(BIN)/darkroom demo

# SKIP_BROWSER=1: without the page in the browser.
# Four workers: half of a test is waiting, for a disk, a child, a gateway. They keep what pytest makes
# of each module of tests, whatever the environment says of bytecode: to make it takes ten seconds.
test: $(VENV)/.complete  ## every check
	@sh tests/browser/chromium.sh || true  # pytest says at its end what that left out
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/pytest -m "not prove" -n 4

chromium:  ## the browser for the tests of the page, where it can be had without a question
	@sh tests/browser/chromium.sh

# SEED=1000: from that seed on; FULL=1: up to an hour each; ONLY=P5: one promise.
prove: $(VENV)/.complete  ## every promise, with figures and seeds
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.prove

# SECONDS=600: ten minutes; SEED=2: other people. It says every minute how it stands.
soak: $(VENV)/.complete  ## an hour of ordinary life: nothing may grow
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.prove.soak

shots: $(VENV)/.complete  ## the pictures of the tour in the README, taken in Chromium
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.shots

# PARTS=worker,queue: only those tables. For a GPU and its model: darkroom bench --model FOLDER.
bench: $(VENV)/.complete  ## the performance tables
	$(BIN)/python -m tests.bench

# torch first, by its exact pin: its builds differ by machine, so it alone has no hash here.
$(VENV)/.complete: $(LOCK) pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet $(TORCH_INDEX) "$(TORCH)"
	grep -v '^torch==' $(LOCK) > $(VENV)/hashed.lock
	$(BIN)/pip install --quiet --require-hashes --no-deps -r $(VENV)/hashed.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# audioop left the standard library in Python 3.13, and discord.py imports it.
lock: $(VENV)/.complete  ## write the lock file from what is installed
	$(BIN)/pip freeze --all | grep -v -e '^torch==' -e '^pip==' -e '^-e' -e '^darkroom' \
	  > $(VENV)/frozen.txt
	echo 'audioop-lts==0.2.2 ; python_version >= "3.13"' >> $(VENV)/frozen.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-deps --generate-hashes \
	  --no-header --no-annotate $(VENV)/frozen.txt -o $(VENV)/hashed.lock
	{ echo "$(TORCH)"; cat $(VENV)/hashed.lock; } > $(LOCK)

clean:  ## remove what can be made again
	rm -rf $(VENV) build *.egg-info
