"""The daemon's life, as a real process sees it from outside."""

from __future__ import annotations

import signal
import time
from itertools import pairwise

import pytest
from living import write

from belabridge.errors import BelabridgeError, ConfigError, DaemonNotRunning
from belabridge.service.ask import answer_of, ask, running


@pytest.fixture
def config(short):
    return write(short / "c.json", name="one")


def test_a_whole_life_is_told_to_the_manager_in_order(start, config, manager):
    daemon = start(config)
    assert manager.hear() == "READY=1"
    assert manager.hear_until("STATUS=") == r"STATUS=bridge one\nREADY=0"  # one line: nothing is forged
    daemon.send(signal.SIGTERM)
    assert manager.hear_until("STOPPING=1") == "STOPPING=1"
    assert daemon.end() == 0
    daemon.expect("stop")
    assert daemon.rest_of_errors() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("behaviour", [{}, {"stop": "hang"}, {"start": "hang"}])
def test_a_signal_ends_it_within_two_seconds(start, short, number, behaviour):
    daemon = start(write(short / "c.json", name="one", **behaviour))
    daemon.expect("start one")
    began = time.monotonic()
    daemon.send(number)
    code = daemon.end()
    assert time.monotonic() - began < 2.0
    assert code == (1 if behaviour.get("stop") else 0)
    daemon.expect("stop")


def test_a_config_on_a_drive_that_hangs_does_not_hold_up_the_end(start, short):
    (short / "c.json").write_text("hang")
    daemon = start(short / "c.json")
    daemon.expect("loading")
    began = time.monotonic()
    daemon.send(signal.SIGTERM)
    assert daemon.end() == 0
    assert time.monotonic() - began < 2.0


def test_a_second_signal_does_not_wait_for_the_board(start, short, manager):
    daemon = start(write(short / "c.json", name="one", stop="hang"))
    manager.hear_until("READY=1")
    daemon.send(signal.SIGINT)
    daemon.expect("stop")
    began = time.monotonic()
    daemon.send(signal.SIGINT)
    assert daemon.end() == 1
    assert time.monotonic() - began < 1.0  # well below the 1.5 s that the bridge would have had


def test_a_wrong_config_at_the_start_ends_with_78_and_all_faults(start, short, manager):
    path = short / "c.json"
    path.write_text("{")
    daemon = start(path)
    assert daemon.end() == 78
    assert daemon.rest_of_errors() == [f"{path}:1:2: bad", f"{path}:3:5: not good: something better"]
    assert manager.drain() == []  # never ready


def test_a_port_in_use_is_a_fault_of_the_config_at_its_place(start, short):
    path = write(short / "c.json", name="one", start="port")
    daemon = start(path)
    assert daemon.end() == 78
    problem = "osc.listen: 127.0.0.1:9001 is in use by another program"
    instead = "stop that program or choose another port"
    assert daemon.rest_of_errors() == [f"{path}:7:9: {problem}: {instead}"]


def test_a_bridge_that_cannot_start_ends_it_with_1(start, short):
    daemon = start(write(short / "c.json", name="one", start="refuse"))
    assert daemon.end() == 1
    assert daemon.rest_of_errors() == ["belabridge: the bridge does not want to"]


def test_hup_changes_over(start, config, manager):
    daemon = start(config)
    manager.hear_until("READY=1")
    write(config, name="two")
    before_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    daemon.send(signal.SIGHUP)
    reloading = manager.hear_until("RELOADING=1")
    stamp_us = int(reloading.removeprefix("RELOADING=1\nMONOTONIC_USEC="))
    assert before_us <= stamp_us <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    assert manager.hear_until("READY=1")
    daemon.expect("reconfigure two")
    daemon.expect("applied two")


def test_hup_with_a_wrong_config_keeps_the_old_one_and_logs_every_fault(start, config, manager, environ):
    daemon = start(config)
    manager.hear_until("READY=1")
    config.write_text("{")
    daemon.send(signal.SIGHUP)
    assert daemon.expect_log("ERROR").endswith(f"reload: {config}:1:2: bad")
    assert daemon.expect_log("ERROR").endswith(f"reload: {config}:3:5: not good: something better")
    assert daemon.expect_log("ERROR").endswith("reload: the old config stays in force")
    manager.hear_until("READY=1")
    assert answer_of(ask("status", environ=environ))["name"] == "one"
    # and the next good one is taken: a refused reload leaves nothing behind
    write(config, name="three")
    daemon.send(signal.SIGHUP)
    daemon.expect("reconfigure three")


@pytest.mark.parametrize(
    ("behaviour", "error", "text"),
    [
        ("refuse", BelabridgeError, "the bridge does not want to"),
        ("port", ConfigError, "osc.listen: 127.0.0.1:9001 is in use by another program"),
    ],
)
def test_what_the_bridge_refuses_stays_out(start, config, manager, environ, behaviour, error, text):
    daemon = start(config)
    manager.hear_until("READY=1")
    write(config, name="two", reconfigure=behaviour)
    with pytest.raises(error, match=text):
        answer_of(ask("reload", environ=environ))
    daemon.expect_log("the old config stays in force")
    manager.hear_until("READY=1")
    assert answer_of(ask("status", environ=environ))["name"] == "one"


def test_an_unchanged_config_is_only_told_again(start, config, manager, environ):
    daemon = start(config)
    manager.hear_until("READY=1")
    assert answer_of(ask("reload", environ=environ)) == {"changed": False}
    write(config, name="two")
    assert answer_of(ask("reload", environ=environ)) == {"changed": True}
    daemon.send(signal.SIGTERM)
    daemon.end()
    lines = list(iter(lambda: daemon.out.get(timeout=5), None))
    assert lines == ["applied one", "start one", "reloaded", "reconfigure two", "applied two", "stop"]


def test_status_has_the_daemons_own_fields_and_strict_json(start, config, manager, environ):
    daemon = start(config)
    manager.hear_until("READY=1")
    status = answer_of(ask("status", environ=environ))
    assert status["pid"] == daemon.process.pid
    assert status["config"] == str(config)
    assert 0 <= status.pop("uptime_s") < 60
    assert status["value"] is None  # NaN, which JSON does not have
    assert status["name"] == "one"


def test_the_control_socket_goes_with_the_daemon_even_a_killed_one(start, config, manager, environ):
    first = start(config)
    manager.hear_until("READY=1")
    path = running(environ=environ)[0]
    first.kill()
    assert path.exists()
    assert running(environ=environ) == []
    with pytest.raises(DaemonNotRunning, match="belabridge run"):
        ask("status", environ=environ)
    second = start(config)
    manager.hear_until("READY=1")
    assert not path.exists()  # cleaned up by the next one
    assert [p.stem for p in running(environ=environ)] == [str(second.process.pid)]
    second.send(signal.SIGTERM)
    second.end()
    assert list(path.parent.iterdir()) == []


def test_without_a_folder_for_its_socket_it_serves_all_the_same(start, config, manager, short):
    (short / "file").touch()
    daemon = start(config, RUNTIME_DIRECTORY=str(short / "file" / "run"))
    assert "control socket" in daemon.expect_log("WARNING")
    manager.hear_until("READY=1")


def test_the_watchdog_is_fed_twice_an_interval_while_the_bridge_works(start, config, manager):
    daemon = start(config, WATCHDOG_USEC="400000")
    manager.hear_until("READY=1")
    times = []
    while len(times) < 6:
        manager.hear_until("WATCHDOG=1")
        times.append(time.monotonic())
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert sorted(gaps)[len(gaps) // 2] == pytest.approx(0.225, abs=0.1)
    daemon.send(signal.SIGTERM)
    assert daemon.end() == 0


def test_the_watchdog_starves_when_the_bridge_does_no_work(start, config, manager):
    daemon = start(config, WATCHDOG_USEC="400000")
    manager.hear_until("WATCHDOG=1")
    write(config, name="two", alive=False)
    daemon.send(signal.SIGHUP)
    daemon.expect_log("the bridge does no work any more")
    manager.drain()
    with pytest.raises(TimeoutError):
        manager.hear(0.8)  # two intervals of silence
    write(config, name="three")
    daemon.send(signal.SIGHUP)
    manager.hear_until("WATCHDOG=1")  # it works again


def test_the_watchdog_starves_when_the_loop_hangs(start, config, manager):
    daemon = start(config, WATCHDOG_USEC="400000")
    manager.hear_until("WATCHDOG=1")
    write(config, name="two", alive="block")
    daemon.send(signal.SIGHUP)
    daemon.expect("blocking")
    manager.drain()
    with pytest.raises(TimeoutError):
        manager.hear(0.8)


def test_many_hups_at_once_are_taken(start, config, manager):
    daemon = start(config)
    manager.hear_until("READY=1")
    for number in range(20):
        write(config, name=f"n{number}")
        daemon.send(signal.SIGHUP)
    daemon.expect("reconfigure n19")  # the last one always arrives
    daemon.send(signal.SIGTERM)
    assert daemon.end() == 0
