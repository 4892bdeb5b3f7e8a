# Sets up what is missing on a fresh Debian or Ubuntu machine, then runs.  `make demo`, `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# What the tests talk to: real OSC programs, a real service manager's checker,
# a laptop that stands in for a board.
PEERS := liblo-tools puredata-core supercollider-language systemd jackd2 openssh-server openssh-client \
	g++ libboost-dev nlohmann-json3-dev libsndfile1-dev g++-arm-linux-gnueabihf qemu-user clang libclang-rt-14-dev doctest-dev chromium
PEER_PROGRAMS := oscdump puredata sclang systemd-analyze jackd g++ arm-linux-gnueabihf-g++ qemu-arm clang++ sshd sftp chromium
PEER_HEADERS := $(addprefix /usr/include/,boost/version.hpp nlohmann/json.hpp sndfile.h doctest/doctest.h)

.PHONY: demo test check bench tutorials docs schema clean

demo: $(VENV)/installed schema
	@$(BIN)/belabridge demo

test: $(VENV)/installed-dev peers schema
	$(BIN)/pytest $(PYTEST_ARGS)

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/installed-dev
	$(BIN)/python -m bench

KERNEL := --update-metadata '{"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}'

# The tutorials as notebooks, in build/tutorials.
tutorials: $(VENV)/installed-dev
	@mkdir -p build/tutorials
	@for page in docs/tutorials/*.py; do \
		$(BIN)/jupytext --quiet --to ipynb $(KERNEL) --output build/tutorials/$$(basename $$page .py).ipynb $$page || exit 1; \
	done

# The reference of the Python API, from its docstrings, in build/docs; a warning is an error.
docs: $(VENV)/installed-dev
	@$(BIN)/python -W error docs/reference.py build/docs

schema: config/belabridge.schema.json

# What the first line of each file in config/ tells an editor to use.
config/belabridge.schema.json: $(VENV)/installed $(wildcard belabridge/*.py belabridge/settings/*.py)
	@$(BIN)/belabridge check --schema > $@.part && mv $@.part $@

$(VENV)/bin/pip:
	@sh .ci/debian python3-venv -- $(PYTHON) -m ensurepip --version
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/installed-dev: pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/installed

.PHONY: peers
peers:
	@sh .ci/debian $(PEERS) -- sh -c "which $(PEER_PROGRAMS) && ls $(PEER_HEADERS)"

clean:
	rm -rf build watcher/build watcher/host/build
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis belabridge.egg-info config/belabridge.schema.json
	find . -name __pycache__ -prune -exec rm -rf {} +
