"""Every class, call and argument of pybela is there, in its order and with its default."""

from __future__ import annotations

import inspect

import pytest

import belabridge

CONSTRUCTOR = "ip='192.168.7.2', port=5555, data_add='gui_data', control_add='gui_control'"
SAVING = "saving_enabled=False, saving_filename={!r}, saving_dir='./'"
STREAM = SAVING.format("var_stream.txt")
CALLS = "on_buffer_callback=None, on_block_callback=None, callback_args=()"

SHARED = {
    "connect": "",
    "disconnect": "",
    "cleanup": "",
    "stop": "",
    "is_connected": "",
    "list": "",
    "get_latest_timestamp": "",
    "wait": "time_in_seconds=0",
    "get_prop_of_var": "var_name, prop",
    "get_data_length": "var_type, timestamp_mode",
    "get_buffer_size": "var_type, timestamp_mode",
    "get_data_byte_size": "var_type",
    "send_ctrl_msg": "msg",
    "connect_ssh": "",
    "disconnect_ssh": "",
    "copy_file_from_bela": "remote_path, local_path, verbose=True",
}
PROPERTIES = {
    "Watcher": "watcher_vars watched_vars unwatched_vars sample_rate project_name",
    "Streamer": "streaming_buffers_queue streaming_buffers_data streaming_buffers_queue_length "
    "last_streamed_buffer monitored_vars",
    "Monitor": "values streaming_buffers_queue",
    "Logger": "",
    "Controller": "",
}
METHODS = {
    "Watcher": {},
    "Streamer": {
        "start_streaming": f"variables=None, periods=None, {STREAM}, {CALLS}",
        "stop_streaming": "variables=None",
        "schedule_streaming": f"variables=None, timestamps=None, durations=None, {STREAM}, {CALLS}",
        "stream_n_values": f"variables=None, periods=None, n_values=1000, {STREAM}, {CALLS}",
        "async_stream_n_values": f"variables=None, periods=None, n_values=1000, {STREAM}, {CALLS}",
        "is_streaming": "",
        "flush_queue": "",
        "load_data_from_file": "filename",
        "send_buffer": "buffer_id, buffer_type, buffer_length, data_list, verbose=False",
        "plot_data": "x_var, y_vars, y_range=None, plot_update_delay=100, rollover=500",
    },
    "Monitor": {
        "start_monitoring": f"variables=None, periods=None, {SAVING.format('monitor.txt')}",
        "stop_monitoring": "variables=None",
        "monitor_n_values": "variables=None, periods=None, n_values=1000, "
        "saving_enabled=False, saving_filename='monitor.txt'",
        "async_monitor_n_values": "variables=None, periods=None, n_values=1000, "
        "saving_enabled=False, saving_filename='monitor.txt'",
        "peek": "variables=None",
        "load_data_from_file": "filename, flatten=True",
    },
    "Logger": {
        "start_logging": "variables=None, transfer=True, logging_dir='./'",
        "stop_logging": "variables=None",
        "schedule_logging": "variables=None, timestamps=None, durations=None, "
        "transfer=True, logging_dir='./'",
        "is_logging": "",
        "read_binary_file": "file_path, timestamp_mode",
        "copy_all_bin_files_in_project": "dir='./', verbose=True",
        "finish_copying_file": "remote_path, local_path",
        "delete_file_from_bela": "remote_path, verbose=True",
        "delete_all_bin_files_in_project": "verbose=True",
    },
    "Controller": {
        "start_controlling": "variables=None",
        "stop_controlling": "variables=None",
        "send_value": "variables, values",
        "get_value": "variables=None",
        "get_controlled_status": "variables=None",
    },
}


@pytest.mark.parametrize(
    ("kind", "name", "arguments"),
    [
        (kind, name, arguments)
        for kind, own in METHODS.items()
        for name, arguments in {**SHARED, **own, "__init__": CONSTRUCTOR}.items()
    ],
)
def test_a_call(kind, name, arguments):
    signature = inspect.signature(getattr(getattr(belabridge, kind), name))
    parameters = [
        parameter.replace(annotation=parameter.empty) for parameter in list(signature.parameters.values())[1:]
    ]
    shown = signature.replace(parameters=parameters, return_annotation=signature.empty)
    assert str(shown) == f"({arguments})"


@pytest.mark.parametrize("kind", METHODS)
def test_properties(kind):
    for name in PROPERTIES["Watcher"].split() + PROPERTIES[kind].split():
        assert isinstance(inspect.getattr_static(getattr(belabridge, kind), name), property), name


def test_a_monitor_is_a_streamer_and_all_are_watchers():
    assert issubclass(belabridge.Monitor, belabridge.Streamer)
    assert all(issubclass(getattr(belabridge, kind), belabridge.Watcher) for kind in METHODS)
