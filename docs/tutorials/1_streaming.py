# %% [markdown]
# # 1. Streaming: every sample
#
# A program on a Bela board declares variables, and Python gets every value that it assigns to them, with the
# audio frame at which it did so.
#
# These tutorials use the variables of `bela-example/`. Without a board, type `belabridge sim` in a terminal,
# and write `"127.0.0.1"` for `"bela.local"`: a simulated board has the same ones.

# %%
import belabridge
from belabridge import seconds

bela = belabridge.connect("bela.local").open()
print(bela.project, "at", bela.sample_rate_hz, "Hz")
for name, variable in bela.variables.items():
    print(name, variable.type.name, variable.mode.name, variable.value)

# %% [markdown]
# One sees the name of the program, its sample rate, and its variables: `pot1`, `pot2` and `mic` are floats,
# `trigger` and `counter` whole numbers. `gain` and `freq` are only read by the program; tutorial 6 sets them.
#
# ## A length of time
# `collect` waits, and gives what came: of each variable one block.

# %%
data = bela.collect("pot1", "mic", for_=seconds(0.5))
mic = data["mic"]
print(len(mic), "values of", mic.values.dtype, "from", mic.values.min(), "to", mic.values.max())
print("the first", mic.values[:3], "at the frames", mic.frames[:3], "which are the seconds", mic.time_s[:3])

# %% [markdown]
# That are 22050 values at 44.1 kHz: a value for each frame, none missing. Frames count from the start of the
# board's program, so `pot1` and `mic` can be laid over each other by them.
#
# ## As it comes
# A stream is a `with` block: the board streams while we are in it, and not afterwards. `for` gives block
# after block, of one variable each, some milliseconds after they were played.

# %%
with bela.stream("pot1", "mic", for_=seconds(0.2)) as blocks:
    for block in blocks:
        mean = block.values.mean()
        print(f"{block.name}: {len(block)} values from frame {block.first_frame} on, mean {mean:.3f}")

# %% [markdown]
# Without `for_` it goes on for ever; `break`, or `blocks.stop()`, ends it. While the cell computes, a thread
# receives: what comes meanwhile waits, and nothing is lost.

# %%
loudest = 0.0
with bela.stream("mic") as blocks:
    for block in blocks:
        loudest = max(loudest, float(abs(block.values).max()))
        if block.end_frame > blocks.start_frame + 2 * bela.sample_rate_hz:
            break
print(f"the loudest value of two seconds was {loudest:.3f}")

# %% [markdown]
# ## The end
# At the end of the notebook the connection is left. In a script, `with belabridge.connect("bela.local") as
# bela:` does it.

# %%
bela.close()

# %% [markdown]
# ## In pybela's words
# | pybela | here |
# |---|---|
# | `streamer = Streamer(); streamer.connect()` | `bela = belabridge.connect("bela.local").open()` |
# | `streamer.watcher_vars` | `bela.variables` |
# | `start_streaming([…])`, `wait(1)`, `stop_streaming()` | `bela.collect(…, for_=seconds(1))` |
# | `streamer.streaming_buffers_data["mic"]` | `data["mic"].values` |
# | `ref_timestamp` of a buffer | `block.first_frame` |
#
# `from belabridge import Streamer` has all of pybela's calls as well, see [pybela.md](../pybela.md).
