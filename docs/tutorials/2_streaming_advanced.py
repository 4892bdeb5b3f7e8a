# %% [markdown]
# # 2. Streaming: times, rows, gaps and files
#
# What one needs for an experiment: to begin at a frame, to have several variables beside each other, to know
# what is missing, and to keep it.

# %%
import tempfile
from pathlib import Path

import belabridge
from belabridge import frames, seconds

bela = belabridge.connect("bela.local").open()

# %% [markdown]
# ## Exactly these frames
# A length is `seconds(…)` or `frames(…)`; as `start` it counts from now. A whole number is a frame of the
# program, so that several streams can begin at the same one. Here `bela.frame` is the frame that is played
# now.

# %%
begin = bela.frame + 22_050
data = bela.collect("mic", "trigger", start=begin, for_=frames(4410))
for block in data.values():
    late = block.frames[0] - begin
    print(f"{block.name} has {len(block)} values; the first is {late} frames after the start")

# %% [markdown]
# Both have 4410 values, and the first is 0 frames after the start.
#
# ## Rows
# `aligned` gives rows: at each frame what all of the variables were. `pot1` and `mic` are floats, so the rows
# are one array; with `trigger`, a whole number, they would be a structured one. `block["mic"]` is a column of
# both.

# %%
with bela.aligned("pot1", "mic", for_=seconds(0.5)) as rows:
    for block in rows:
        print(block.values.shape, "rows from frame", block.frames[0], "on; mic at most", block["mic"].max())

# %% [markdown]
# ## Gaps
# When the board was away, or the reader too slow, a `Gap` stands where values are missing: a block without
# values. To see one, this reader lets only 4 blocks wait, and does something else meanwhile.

# %%
total = 0
with bela.stream("mic", max_waiting=4, for_=seconds(0.5)) as blocks:
    bela.collect("pot1", for_=seconds(0.6))
    for block in blocks:
        total += len(block) + block.missing_frames
        print(f"a gap of {block.missing_frames} frames" if block.is_gap else f"{len(block)} values")
print(total, "frames in all")

# %% [markdown]
# The gap comes first, since the oldest block is dropped; its frames and those of the values are the 22050 of
# half a second. With `on_full="error"` and `on_gap="error"` it is an exception instead. Without
# `max_waiting`, 4096 blocks may wait.
#
# ## How late
# A value waits on the board until its block is full: 1024 floats, which are 23 ms for `mic`, and much longer
# for a variable that is assigned seldom. `latency` says how long it may wait, on a board with our library.

# %%
with bela.stream("mic", latency=seconds(0.005), for_=seconds(0.1)) as blocks:
    print("values in a block:", [len(block) for block in blocks])

# %% [markdown]
# The blocks are short. An original board sends full ones.
#
# ## Into a file
# `save` records a take while it streams, also what nobody reads, and `load` opens it: the values are mapped
# from the file, however large it is. An existing take is never overwritten.

# %%
folder = Path(tempfile.mkdtemp())
with bela.stream("mic", "pot1", for_=seconds(0.5), save=folder / "take1") as blocks:
    values = sum(len(block) for block in blocks)
take = belabridge.load(folder / "take1")
print(values, "values came;", take["mic"], "without gaps" if not take["mic"].gaps else take["mic"].gaps)
print(take.export("csv", variables=["pot1"]).path.name)

# %% [markdown]
# `npz`, `wav` and `parquet` are written by the same call, and `belabridge record` and `belabridge export` do
# it without Python: [recording.md](../recording.md).
#
# ## Everything at once
# Streams, monitors and control share the one connection. For several tasks there is `async`; in a notebook it
# runs like this:


# %%
async def loudness(board):
    async with board.stream("mic", for_=seconds(0.5)) as blocks:
        return max([abs(block.values).max() async for block in blocks])


print(f"loudest: {bela.run(loudness(bela.bela)):.3f}")
bela.close()

# %% [markdown]
# ## In pybela's words
# | pybela | here |
# |---|---|
# | `schedule_streaming(variables, timestamps, durations)` | `start=` and `for_=`, exact to the frame |
# | `stream_n_values(variables, n_values=…)` | `bela.collect(…, for_=frames(n))` |
# | `on_buffer_callback` | the body of `for block in blocks` |
# | `on_block_callback` | the body of `for block in rows`, with `aligned`: of any rates and types |
# | `saving_enabled=True`, `load_data_from_file` | `save=`, `belabridge.load`, also of pybela's files |
# | `streaming_buffers_queue_length` | `max_waiting=` |
