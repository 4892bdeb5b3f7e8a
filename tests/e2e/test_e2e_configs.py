"""Each file in config/ is loaded and run against the simulated board, and sends to all its destinations."""

import subprocess
from pathlib import Path

import pytest
import yaml

from osc_peer import free_port

FOLDER = Path(__file__).parents[2] / "config"
CONFIGS = sorted(FOLDER.glob("*.yaml"))


def elsewhere(config, ears):
    """The same config with free ports of this machine, so that tests run beside each other and anywhere.

    ``ears(port)`` gives the free port that stands for one of the config.
    """

    def moved(end):
        if isinstance(end, list):
            return [moved(each) for each in end]
        if isinstance(end, dict) and "port" in end:
            rest = {"reply_port": ears(end["reply_port"])} if "reply_port" in end else {}
            return end | {"host": "127.0.0.1", "port": ears(end["port"])} | rest
        if isinstance(end, dict):
            return {name: moved(each) for name, each in end.items()}
        return f"127.0.0.1:{ears(int(str(end).rpartition(':')[2]))}"

    osc = dict(config.get("osc", {}))
    osc["listen"] = free_port()
    osc["send"] = moved(osc.get("send", "127.0.0.1:9000"))
    return config | {"osc": osc}


def test_there_are_configs():
    assert len(CONFIGS) >= 4


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_it_runs_and_sends_to_each_destination(stage, path):
    assert stage.once("check", path).returncode == 0
    ears = {}

    def ear(port):
        if port not in ears:
            ears[port] = stage.ear()
        return ears[port].port

    config = elsewhere(yaml.safe_load(path.read_text(encoding="utf-8")), ear)
    bridge = stage.bridge(stage.config(path.name, **config), "--sim").ready()
    status = bridge.status()
    assert not [rule for rule in status["out"] + status["in"] if rule["missing"]], (
        "the simulated board has all"
    )
    ports = {end["port"]: end["name"] for end in status["destinations"]}
    assert set(ports) == {ear.port for ear in ears.values()}
    addressed = {name: set() for name in ports.values()}
    for rule in status["out"]:
        for name in rule["to"] or addressed if "address" in rule else ():  # else it goes to MIDI
            addressed[name].add(rule["address"])
    by_port = {ear.port: ear for ear in ears.values()}
    for port, name in ports.items():
        assert addressed[name], f"{name} gets nothing"
        for address in addressed[name]:
            by_port[port].wait(address)
    # every input takes a number
    anybody = next(iter(ears.values()))
    by_osc = [number for number, rule in enumerate(status["in"]) if "osc" in rule]
    for rule in (status["in"][number] for number in by_osc):
        anybody.say(config["osc"]["listen"], rule["osc"], 0.5)
    bridge.wait_status(
        lambda s: all(s["in"][number]["received"] and not s["in"][number]["refused"] for number in by_osc)
    )
    bridge.end()


def test_the_schema_is_what_the_program_prints(stage):
    """The file is made by ``make schema``; what is shipped must be of this version, when it is there."""
    printed = stage.once("check", "--schema")
    assert printed.returncode == 0
    kept = FOLDER / "belabridge.schema.json"
    known = subprocess.run(
        ["git", "ls-files", kept], capture_output=True, text=True, cwd=FOLDER, check=False
    ).stdout
    if known:
        assert kept.read_text(encoding="utf-8") == printed.stdout
