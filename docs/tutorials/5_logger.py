# %% [markdown]
# # 5. Logger: files on the board
#
# A network may lose what a disk keeps. The board writes variables to files of its own; they come here over
# SSH while they grow, and are compared with those on the board.

# %%
import tempfile
from pathlib import Path

import belabridge
from belabridge import Logger

logger = Logger("bela.local")
logger.connect()

# %% [markdown]
# A board without a password needs nothing more. For another one, or another port of SSH, before the next
# cell:
#
# ```python
# from belabridge.board.logs.login import Login
#
# logger.login = Login("bela.local", password="…")
# ```
#
# ## From now on, until we say stop

# %%
folder = Path(tempfile.mkdtemp())
paths = logger.start_logging(["mic", "counter"], logging_dir=str(folder))
print("on the board:", paths["remote_paths"]["mic"])
logger.wait(1.2)
logger.stop_logging()
for path in sorted(folder.glob("*.bin")):
    print(path.name, path.stat().st_size, "bytes")

# %% [markdown]
# When `stop_logging` returns, both files are here, whole and verified: 4 bytes for each frame
# of `mic`, and less than a block of `counter`.
#
# ## What is in them

# %%
mic = belabridge.load(paths["local_paths"]["mic"])["mic"]
counter = belabridge.load(paths["local_paths"]["counter"])["counter"]
print(len(mic), "values of mic,", len(mic.gaps), "gaps; the first", mic.values[:3], "at", mic.frames[:3])
print("onsets", counter.values, "at the seconds", counter.time_s)

# %% [markdown]
# `mic` has a value for each frame. `counter` is sparse: two or three onsets with their frames, half a second
# apart. In a terminal `belabridge log info` shows the same, and `belabridge log export` makes CSV, WAV and
# others of it: [logs.md](../logs.md).
#
# ## At a frame, for so long
# Both begin at the same frame, and end by themselves; the call returns when the files are here.

# %%
begin = logger.get_latest_timestamp() + 22_050
paths = logger.schedule_logging(["mic", "pot1"], [begin, begin], [4410, 4410], logging_dir=str(folder))
for name in ("mic", "pot1"):
    track = belabridge.load(paths["local_paths"][name])[name]
    print(f"{name}: frame {int(track.frames[0]) - begin} after the beginning, {len(track)} values")

# %% [markdown]
# A board with our library logs these 4410 frames and the one at which it ends. An original one fills its
# last block with zeros: 5120 values.
#
# ## Tidying up
# Files stay on the board until they are deleted there; nothing here is ever overwritten.

# %%
logger.delete_all_bin_files_in_project()
logger.cleanup()

# %% [markdown]
# ## In pybela's words
# These are pybela's: change `from pybela import Logger` to `from belabridge import Logger`. What differs is
# in [pybela.md](../pybela.md). `logger.bela` is the board in the form of the other tutorials, over the same
# connection.
