# %% [markdown]
# # 7. Sparse timestamps: events with their frames
#
# Most variables are assigned at every frame, and their blocks carry one timestamp: that of the first value.
# An event, such as an onset, happens seldom. `Watcher<int> counter("counter",
# WatcherManager::kTimestampSample);` sends a value only when it is assigned, and each with its own frame.

# %%
import numpy as np

import belabridge
from belabridge import seconds

bela = belabridge.connect("bela.local").open()
for name in ("trigger", "counter"):
    print(name, bela.variables[name].mode.name)

# %% [markdown]
# `trigger` is dense, `counter` sparse. On the simulated board `counter` counts two beats a second. On a real
# one it counts the onsets that the microphone hears: clap your hands.

# %%
data = bela.collect("counter", "trigger", "mic", for_=seconds(2.2))
counter = data["counter"]
print("values", counter.values)
print("frames", counter.frames)
print("seconds between them", np.diff(counter.time_s))

# %% [markdown]
# Four or five values, half a second apart: 22050 frames.
#
# ## Events and audio
# Frames are the same clock for all variables, so an event is found in the audio to the sample.

# %%
mic = data["mic"]
for number, frame in zip(counter.values, counter.frames, strict=True):
    place = int(frame) - mic.first_frame
    if 100 <= place < len(mic) - 100:
        before, after = mic.values[place - 100 : place], mic.values[place : place + 100]
        print(f"onset {number}: {np.abs(before).max():.2f} before, {np.abs(after).max():.2f} after")

# %% [markdown]
# It is louder after an onset than before.
#
# ## Between events
# The counter keeps its value until the next event. So that it stands beside each value of `mic`, look up the
# last event before each frame:

# %%
event = np.searchsorted(counter.frames, mic.frames, side="right") - 1
is_counted = event >= 0  # before the first one nothing is known
count, sound = counter.values[event[is_counted]], mic.values[is_counted]
for number in counter.values:
    print(f"after onset {number}: rms {np.sqrt(np.mean(np.square(sound[count == number]))):.3f}")

# %% [markdown]
# All are about alike on the simulated board. On a board with our library `bela.aligned("mic", "counter")`
# gives such rows while they stream, see tutorial 2; on an original one the rows would have to wait until the
# counter's block is full.
#
# ## How late
# Sparse values wait on the board for their block to be full, 512 of them, which would be minutes here. On a
# board with our library they come within `latency`, 0.1 s unless you say otherwise. An original board gives
# them when the stream ends: that is why `collect` has them in any case.

# %%
with bela.stream("counter", latency=seconds(0.02), for_=seconds(1.1)) as blocks:
    for block in blocks:
        print("counter", block.values, "at", block.time_s)
bela.close()

# %% [markdown]
# ## In pybela's words
# A sparse buffer there is `{"ref_timestamp": …, "data": […], "rel_timestamps": […]}`: the frame of a value is
# the sum of both. Here it is `block.frames`, for dense and sparse variables alike; `timestamp_mode` is
# `bela.variables[name].mode`.
