"""OSC address patterns, matched in one pass: ``? * [a-z] [!a] {one,two}``, each within one part.

A pattern is a line of states, one for each character it may consume, as the bits of an integer. All
states that are possible advance together on each character of an address (as in Navarro and Raffinot,
"Flexible Pattern Matching in Strings", 4.3), so that no pattern needs more than one step a character.
"""

from __future__ import annotations

from belabridge.errors import OscFormatError

MAX_PATTERN = 256  # characters; longer ones come from nobody's patch
MAX_WILDCARDS = 16  # stars and brace groups: each costs a little at every step
_MEMO = 4096  # (states, character) pairs that are remembered

_CLASS_END = "]"
_GROUP_END = "}"


class Pattern:
    """A compiled pattern; make one with :func:`compile_pattern`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts = text.count("/")
        self._accepts: dict[str, int] = {}  # states that a character leads on from
        self._others = 0  # the same for a character that the pattern does not mention
        self._stars = 0  # states that stay whatever comes
        self._jumps: list[tuple[int, int]] = []  # (any of these, so these too), from left to right
        self._memo: dict[tuple[int, str], int] = {}
        self._negated: list[tuple[int, frozenset[str]]] = []
        self._size = 0
        self._parse(text)
        self._final = 1 << self._size
        self._start = self._spread(1)
        self._exclude()

    def matches(self, address: str) -> bool:
        """Whether the whole of ``address`` follows the pattern."""
        if address.count("/") != self._parts:
            return False
        states = self._start
        for character in address:
            key = (states, character)
            after = self._memo.get(key)
            if after is None:
                if len(self._memo) >= _MEMO:
                    self._memo.clear()
                after = self._memo[key] = self._step(states, character)
            if not after:
                return False
            states = after
        return bool(states & self._final)

    def _step(self, states: int, character: str) -> int:
        moved = (states & self._accepts.get(character, self._others)) << 1
        if character != "/":
            moved |= states & self._stars
        return self._spread(moved)

    def _spread(self, states: int) -> int:
        # every jump leads to the right, and they are in order: one pass finds them all
        for any_of, also in self._jumps:
            if states & any_of:
                states |= also
        return states

    def _parse(self, text: str) -> None:
        i, wildcards = 0, 0
        while i < len(text):
            c = text[i]
            if c in "*{":
                wildcards += 1
                if wildcards > MAX_WILDCARDS:
                    raise OscFormatError(f"a pattern with more than {MAX_WILDCARDS} stars and groups")
            if c == "*":
                self._star()
                while text[i : i + 1] == "*":
                    i += 1
            elif c == "?":
                self._class(frozenset(), negated=True)
                i += 1
            elif c == "[":
                i = self._brackets(text, i)
            elif c == "{":
                i = self._braces(text, i)
            elif c in "]}":
                raise OscFormatError(f"a pattern with a {c!r} that nothing opens")
            else:
                self._class(frozenset(c), negated=False)
                i += 1

    def _star(self) -> None:
        here = 1 << self._size
        self._stars |= here
        self._size += 1
        self._jumps.append((here, here << 1))

    def _brackets(self, text: str, i: int) -> int:
        end = text.find(_CLASS_END, i)
        inside = text[i + 1 : end]
        negated = inside.startswith("!")
        members = inside.removeprefix("!")
        if end < 0 or not members or "/" in members:
            raise OscFormatError("a pattern with brackets that are empty, not closed, or span parts")
        self._class(_members(members), negated=negated)
        return end + 1

    def _braces(self, text: str, i: int) -> int:
        end = text.find(_GROUP_END, i)
        inside = text[i + 1 : end]
        if end < 0 or not set("/?*[]{").isdisjoint(inside):
            raise OscFormatError("a pattern with braces that are not closed, or hold more than plain words")
        fork = 1 << self._size
        self._size += 1
        starts = ends = 0
        for word in inside.split(","):
            starts |= 1 << self._size
            for character in word:
                self._class(frozenset(character), negated=False)
            ends |= 1 << self._size
            self._size += 1
        self._jumps += [(fork, starts), (ends, 1 << self._size)]
        return end + 1

    def _class(self, members: frozenset[str], *, negated: bool) -> None:
        here = 1 << self._size
        self._size += 1
        if negated:
            self._others |= here
            self._negated.append((here, members))
        for character in members:
            self._accepts.setdefault(character, 0)
            if not negated:
                self._accepts[character] |= here

    def _exclude(self) -> None:
        """Give each character that is mentioned somewhere its place in the negated classes."""
        self._accepts.setdefault("/", 0)
        for here, members in self._negated:
            for character in self._accepts:
                if character not in members and character != "/":
                    self._accepts[character] |= here


def compile_pattern(text: str) -> Pattern:
    """Make a pattern (or a plain address, which matches itself) ready to match.

    Raises:
        OscFormatError: brackets or braces are not in order, or it is longer than anybody needs.
    """
    if len(text) > MAX_PATTERN:
        raise OscFormatError(f"a pattern of more than {MAX_PATTERN} characters")
    return Pattern(text)


def _members(text: str) -> frozenset[str]:
    """The characters of ``a-zA-Z_``; a minus at either end is itself."""
    members: set[str] = set()
    i = 0
    while i < len(text):
        if text[i + 1 : i + 2] == "-" and i + 2 < len(text):
            first, last = sorted((ord(text[i]), ord(text[i + 2])))
            members.update(map(chr, range(first, last + 1)))
            i += 3
        else:
            members.add(text[i])
            i += 1
    return frozenset(members)
