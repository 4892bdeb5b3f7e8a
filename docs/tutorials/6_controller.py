# %% [markdown]
# # 6. Control: the program reads what Python sets
#
# `Watcher<float> gain("gain");` is for the program an ordinary number. While somebody controls it, the
# program reads what was set, whatever it assigns itself; afterwards the variable is its own again.

# %%
import numpy as np

import belabridge
from belabridge import seconds

bela = belabridge.connect("bela.local").open()
print(bela.peek("gain", "freq"))

# %% [markdown]
# ## One value
# `with` takes the variable over, and returns when the board says so; behind it, the program has it back.
# `confirm` waits until the program reads the value.

# %%
with bela.control("gain") as gain:
    gain.set(0.25, confirm=True)
    print("the program reads", bela.peek("gain")["gain"], "and we set", gain.value)
    print("controlled:", bela.variables["gain"].controlled)

# %% [markdown]
# One sees 0.25 twice, and `controlled: True`.
#
# ## Several, together
# Values of one call reach the board in one message.

# %%
with bela.control("gain", "freq") as both:
    both.set(gain=0.5, freq=220, confirm=True)
    print(both.values)

# %% [markdown]
# ## A movement
# Of a burst of values the latest go out, 250 messages a second at most, so that nothing jams. Here the gain
# goes up while we listen: the simulated board hears itself in `mic`, a real one needs a cable from its output
# to its input.

# %%
with bela.control("gain") as gain:
    for value in np.linspace(0, 1, 5):
        gain.set(float(value), confirm=True)
        mic = bela.collect("mic", for_=seconds(0.55))["mic"].values
        print(f"gain {value:.2f}: mic up to {np.abs(mic).max():.2f}")

# %% [markdown]
# On the simulated board the peak is about the gain, since there are two beats a second.
#
# ## What goes wrong
# Errors say what to do.

# %%
for attempt in (lambda: bela.control("gian"), lambda: gain.set(0.5)):
    try:
        attempt()
    except belabridge.errors.BelabridgeError as error:
        print(type(error).__name__, "-", error)
bela.close()

# %% [markdown]
# The first names what is near, the second that `gain` is not under control any more.
#
# ## In pybela's words
# | pybela | here |
# |---|---|
# | `start_controlling("gain")` … `stop_controlling("gain")` | `with bela.control("gain") as gain:` |
# | `send_value("gain", 0.5)` | `gain.set(0.5)` |
# | `send_value(["gain", "freq"], [0.5, 220])` | `both.set(gain=0.5, freq=220)` |
# | `get_value("gain")` | `gain.value`, or `bela.peek("gain")` |
# | `get_controlled_status("gain")` | `bela.variables["gain"].controlled`, as it was last listed |
