# %% [markdown]
# # 4. Monitor: a value now and then
#
# A meter or a display needs no 44100 values a second. A monitor has the board send one value of a variable
# every so often, which costs next to nothing.

# %%
from itertools import pairwise

import belabridge
from belabridge import seconds

bela = belabridge.connect("bela.local").open()

# %% [markdown]
# ## Now
# `peek` asks what the program reads of some variables, all at the same frame; without names, of all.

# %%
now = bela.peek("pot1", "gain")
print(now, "at", now.time_s, "s")

# %% [markdown]
# ## Every so often
# A period is a number of frames or `seconds(…)`, and each variable has its own.

# %%
with bela.monitor(pot1=4410, trigger=seconds(0.25)) as samples:
    for _ in range(14):
        sample = next(samples)
        print(f"{sample.time_s:8.3f} s  {sample.name} = {sample.value}")

# %% [markdown]
# One sees `pot1` ten times a second, and `trigger` four times. A board looks when the variable is assigned:
# of one that is assigned seldom, values come at its own pace. `for sample in samples` goes on until it is
# left.
#
# A name that is no Python word goes into a dict: `bela.monitor({"my-var": 100})`.
#
# ## The latest
# Whoever draws wants only the last value, whenever the picture is made. `latest` has it, and nobody needs to
# take the others.

# %%
with bela.monitor(pot1=441, pot2=441) as samples:
    for _ in range(3):
        bela.collect("mic", for_=seconds(0.1))  # a monitor and a stream at once
        print({name: round(sample.value, 4) for name, sample in samples.latest.items()})

# %% [markdown]
# ## A number of values

# %%
with bela.monitor(pot1=100) as samples:
    twenty = [next(samples) for _ in range(20)]
steps = [later.frame - earlier.frame for earlier, later in pairwise(twenty)]
print(f"{len(twenty)} values, on average {sum(steps) / len(steps):.0f} frames apart")
bela.close()

# %% [markdown]
# They are 100 frames apart on average: a board looks at its next turn of so many frames.
#
# ## In pybela's words
# | pybela | here |
# |---|---|
# | `monitor.peek()` | `bela.peek()` |
# | `start_monitoring(["pot1", "trigger"], [4410, 11025])` | `bela.monitor(pot1=4410, trigger=11025)` |
# | `monitor.values["pot1"]` | what `for sample in samples` gives |
# | `monitor_n_values("pot1", 100, 20)` | the last cell |
