"""The daemon with SuperCollider's language, both ways."""

import shutil

import pytest

from osc_peer import free_port

pytestmark = pytest.mark.skipif(
    not shutil.which("sclang"), reason="needs the Debian package supercollider-language"
)

# It tells the test what it hears over OSC too, because what it posts stays long in its buffer.
SCRIPT = """\
~heard = 0;
~test = NetAddr("127.0.0.1", {test});
OSCdef(\\pot, {{ |message|
    ~heard = ~heard + 1;
    if(~heard == 10) {{ ~test.sendMsg("/pot", message[1].class.asString, message.size, message[1]) }};
}}, '/bela/pot1');
OSCdef(\\level, {{ |message| ~test.sendMsg("/level", message[1]) }}, '/level');
OSCdef(\\gain, {{ |message| ~test.sendMsg("/gain", message[1]) }}, '/bela/gain');
~bridge = NetAddr("127.0.0.1", {port});
~bridge.sendMsg("/bela/gain", 0.25);
~bridge.sendBundle(0.2, ["/bela/freq", 330], ["/table"] ++ Signal.sineFill(64, [1]));
~bridge.sendMsg("/bela/gain");
~test.sendMsg("/ready", NetAddr.langPort);
"""


def test_supercollider_hears_the_board_and_plays_it(stage, boards, port):
    _, board = boards.start()
    hear = free_port()
    script = stage.folder / "peer.scd"
    ear = stage.ear()
    script.write_text(SCRIPT.format(port=port, test=ear.port), encoding="ascii")
    config = stage.config(
        board=board,
        osc={"listen": port, "send": {"sc": {"host": "127.0.0.1", "port": hear, "bundle": True}}},
        out=[{"var": "pot1"}, {"var": "mic", "take": "rms", "osc": "/level"}],
        **{
            "in": [
                {"osc": "/bela/gain", "var": "gain", "clip": [0, 1]},
                {"osc": "/bela/freq", "var": "freq"},
                {"osc": "/table", "buffer": "table"},
            ]
        },
    )
    bridge = stage.bridge(config).ready()
    page = stage.page(board)
    # its own HOME, so that nobody's startup file or class library is in the way
    environ = {
        "HOME": str(stage.folder),
        "QT_QPA_PLATFORM": "offscreen",
        "QTWEBENGINE_DISABLE_SANDBOX": "1",
    }
    stage.start("sclang", "-D", "-u", hear, script, environ=environ)
    assert ear.wait("/ready", within_s=60) == (hear,)

    kind, size, value = ear.wait("/pot")
    assert (kind, size) == ("Float", 2)
    assert 0 <= value <= 1
    ear.wait("/level", that=lambda level: level > 0)
    assert ear.wait("/gain")[0] > 0, "a question is answered"
    page.wait(lambda variables: variables["gain"]["value"] == 0.25 and variables["freq"]["value"] == 330)
    status = bridge.wait_status(lambda status: status["in"][2]["received"] == 1)
    assert status["in"][2]["refused"] == 0
    assert not [reason for reason in status["drops"] if reason != "osc.send_refused"], status["drops"]
    bridge.end()
