"""What mypy must not let pass; each line of it is marked."""

from __future__ import annotations

import belabridge
from belabridge import seconds

with belabridge.connect(5) as bela:  # wrong
    bela.stream("mic", for_=10)  # wrong
    bela.stream("mic", on_gap="maybe")  # wrong
    bela.monitor(mic="fast")  # wrong
    bela.collect("mic")  # wrong
    bela.connects()  # wrong
    with bela.stream("mic", for_=seconds(1)) as blocks:
        for block in blocks:
            print(block.value)  # wrong
belabridge.conect()  # wrong
