# %% [markdown]
# # 3. From Python to the board: buffers
#
# A program on the board may have arrays for Python to fill: `WatcherBuffer<float> table("table", 1024);`. The
# one of the example is one turn of its oscillator, so what is sent is heard.

# %%
import numpy as np

import belabridge
from belabridge import seconds

bela = belabridge.connect("bela.local").open()
for name, array in bela.buffers.items():
    print(name, "holds", array.size, "values of type", array.type.name)

# %% [markdown]
# One sees `table holds 1024 values of type FLOAT`. An original board does not tell of its arrays: there write
# the number that its program got for the buffer instead of the name.
#
# ## A wave
# First what is played now. The simulated board hears itself in `mic`; a real one needs a cable from its
# output to its input, or your ears.


# %%
def crest(values):
    """Peak over mean: 1.57 for a sine, 1 for a square wave, 2 for a triangle."""
    size = np.abs(values)
    return size.max() / size.mean()


def listen():
    """The loudest cycle of the next half second."""
    mic = bela.collect("mic", for_=seconds(0.6))["mic"].values
    peak = min(np.argmax(np.abs(mic)), len(mic) - 900)
    return mic[peak : peak + 900]


print(f"a sine has a crest of about 1.6: {crest(listen()):.2f}")

# %%
turn = np.linspace(0, 1, 1024, endpoint=False)
square = np.where(turn < 0.5, 1.0, -1.0).astype(np.float32)
bela.send_buffer("table", square)
bela.collect("mic", for_=seconds(0.1))  # what was on its way is over
print(f"a square wave has a crest of about 1.1: {crest(listen()):.2f}")

# %% [markdown]
# The sound is brighter, and its crest is lower. Values are sent as the type that the board's array has; what
# does not fit is refused before anything is sent:

# %%
try:
    bela.send_buffer("table", np.zeros(10_000))
except belabridge.errors.BelabridgeError as error:
    print(error)

# %% [markdown]
# ## Many, one after the other
# A buffer takes some milliseconds. Here the wave goes from a sine to a square in twenty steps.

# %%
for step in np.linspace(0, 1, 20):
    wave = (1 - step) * np.sin(2 * np.pi * turn) + step * square
    bela.send_buffer("table", wave.astype(np.float32))

# %% [markdown]
# And back.

# %%
bela.send_buffer("table", np.sin(2 * np.pi * turn).astype(np.float32))
bela.collect("mic", for_=seconds(0.1))
print(f"a sine again: {crest(listen()):.2f}")
bela.close()

# %% [markdown]
# ## In pybela's words
# `streamer.send_buffer(buffer_id, "f", len(values), values)` is `bela.send_buffer(buffer_id, values)`: the
# length is that of the array, and the type the board's, or that of the array. Doubles for a board that does
# not tell need `type="d"`.
