"""Backends that open, that do not, and that let wait."""

import threading

from belabridge.midi.library import LibraryError
from belabridge.midi.opening import ANSWERS_WITHIN_S, Opening
from processes import wait_for


def refuse(_changed):
    raise LibraryError("not today")


def test_what_it_opens_is_there():
    library, told = object(), threading.Event()
    opening = Opening(lambda _changed: library, lambda: None, told.set, 0.0)
    assert told.wait(20.0)
    assert (opening.library, opening.why_not) == (library, None)


def test_why_it_does_not_open_is_there():
    told = threading.Event()
    opening = Opening(refuse, lambda: None, told.set, 0.0)
    assert told.wait(20.0)
    assert (opening.library, opening.why_not) == (None, "not today")


def test_one_that_lets_wait_holds_up_nobody():
    may, library = threading.Event(), object()
    opening = Opening(lambda _changed: may.wait(20.0) and library, lambda: None, lambda: None, 0.0)
    assert not opening.is_late(ANSWERS_WITHIN_S / 2)
    assert opening.is_late(ANSWERS_WITHIN_S)
    assert (opening.library, opening.why_not) == (None, None)
    may.set()
    wait_for(lambda: opening.library is library)
