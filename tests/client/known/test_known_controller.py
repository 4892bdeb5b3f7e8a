"""``Controller``, on real sockets."""

from __future__ import annotations

import pytest

from belabridge import Controller, Streamer
from processes import wait_for


def test_start_send_and_stop(demo_board, connected):
    controller = connected(Controller, demo_board)
    assert controller.get_controlled_status() == dict.fromkeys(controller.bela.variables, False)
    controller.start_controlling(["gain", "freq"])
    assert controller.get_controlled_status(["gain", "freq", "pot1"]) == {
        "gain": True,
        "freq": True,
        "pot1": False,
    }
    controller.send_value(["gain", "freq"], [0.25, 220])
    assert controller.get_value(["gain", "freq"]) == {"gain": 0.25, "freq": 220}
    wait_for(lambda: _reads(controller, "gain") == 0.25)
    controller.stop_controlling("gain")
    assert controller.get_controlled_status(["gain", "freq"]) == {"gain": False, "freq": True}
    controller.stop_controlling()
    assert not any(controller.get_controlled_status().values())
    assert controller.get_value("gain")["gain"] == pytest.approx(0.8)


def _reads(controller, name):
    return next(each["value"] for each in controller.list()["watchers"] if each["name"] == name)


def test_one_name_and_one_value(demo_board, connected):
    controller = connected(Controller, demo_board)
    controller.start_controlling("gain")
    controller.send_value("gain", 0.5)
    assert controller.get_value("gain") == {"gain": 0.5}


def test_a_whole_type_takes_the_nearest(demo_board, connected):
    controller = connected(Controller, demo_board)
    controller.start_controlling("trigger")
    with pytest.warns(UserWarning, match="3 is sent instead of 2.7"):
        controller.send_value("trigger", [2.7])
    assert controller.get_value("trigger") == {"trigger": 3}
    controller.send_value("trigger", [4.0])
    assert controller.get_value("trigger") == {"trigger": 4}


@pytest.mark.parametrize(
    ("names", "values", "words"),
    [
        ("pot1", 1, "start_controlling"),
        (["gain"], [1, 2], "2 values for 1"),
        ("gain", float("nan"), "nan"),
        ("nothing", 1, "no variable 'nothing'"),
    ],
)
def test_misuse_is_a_value_error(demo_board, connected, names, values, words):
    controller = connected(Controller, demo_board)
    controller.start_controlling("gain")
    with pytest.raises(ValueError, match=words):
        controller.send_value(names, values)


def test_two_controllers_do_not_disturb_each_other(demo_board, connected):
    one, other = connected(Controller, demo_board), connected(Controller, demo_board)
    one.start_controlling("gain")
    other.start_controlling(["gain", "freq"])
    one.send_value("gain", 0.5)
    other.stop_controlling()
    assert one.get_controlled_status(["gain", "freq"]) == {"gain": True, "freq": False}
    other.cleanup()
    assert one.get_value("gain") == {"gain": 0.5}
    one.stop_controlling()
    assert one.get_controlled_status("gain") == {"gain": False}


def test_what_an_earlier_program_left_can_be_given_back(demo_board, connected):
    controller = connected(Controller, demo_board)
    controller.send_ctrl_msg({"watcher": [{"cmd": "control", "watchers": ["freq"]}]})
    wait_for(lambda: controller.get_controlled_status("freq")["freq"])
    controller.send_value("freq", 220)
    assert controller.get_value("freq") == {"freq": 220}
    controller.stop_controlling("freq")
    assert controller.get_controlled_status("freq") == {"freq": False}


def test_the_program_has_its_variables_again_when_the_object_is_gone(demo_board, connected):
    watching = connected(Streamer, demo_board)
    controller = connected(Controller, demo_board)
    controller.start_controlling("gain")
    controller.disconnect()
    wait_for(lambda: not watching.bela.variables["gain"].controlled and watching.list())
    wait_for(lambda: all(not each["controlled"] for each in watching.list()["watchers"]))
