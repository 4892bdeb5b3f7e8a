# %% [markdown]
# # 8. A model: learn from a stream, and answer the board
#
# The way from the board through Python and back takes a while, so what Python answers to a knob is always a
# little late. Here a tiny model learns from the stream of a knob where it will be 200 ms later, and sends its
# forecast to the board, as the gain of the sound. numpy is all that it needs.

# %%
import numpy as np

import belabridge
from belabridge import seconds

bela = belabridge.connect("bela.local").open()

# %% [markdown]
# ## Data
# On the simulated board the knob moves by itself. On a real one, move it slowly to and fro while this cell
# runs.

# %%
training = bela.collect("pot1", for_=seconds(6))["pot1"]
print(len(training), "values between", training.values.min(), "and", training.values.max())

# %% [markdown]
# A knob needs no 44100 values a second: a mean of 441 each makes 100. An example is the last 10 of these,
# which is 0.1 s, and what is to be learned is the value 20 steps later.

# %%
STEP, PAST, AHEAD = 441, 10, 20


def slow(values):
    """Means of each STEP values."""
    return values[: len(values) // STEP * STEP].reshape(-1, STEP).mean(axis=1, dtype=np.float64)


def examples(track):
    """Each PAST values of a slow track, and the value AHEAD steps behind them."""
    past = np.lib.stride_tricks.sliding_window_view(track[:-AHEAD], PAST)
    return past, track[PAST - 1 + AHEAD :]


past, future = examples(slow(training.values))
print(past.shape, future.shape)

# %% [markdown]
# ## Training
# Ridge regression: weights `w` for which `past @ w` is near `future`, and small, so that noise is not
# learned. It is one equation. The last quarter is kept aside to see how good they are.

# %%
RIDGE = 1e-6
kept = len(past) * 3 // 4
offset = past[:kept].mean()  # of a knob at rest nothing changes
centred, target = past[:kept] - offset, future[:kept] - offset
weights = np.linalg.solve(centred.T @ centred + RIDGE * np.eye(PAST), centred.T @ target)


def forecast(recent):
    """Where the knob will be, (…,), from its last values (…, PAST)."""
    return offset + (recent - offset) @ weights


def rms(error):
    return np.sqrt(np.mean(np.square(error)))


model_error = rms(forecast(past[kept:]) - future[kept:])
rest_error = rms(past[kept:, -1] - future[kept:])
print(f"error of the forecast {model_error:.4f}; of the guess that nothing changes {rest_error:.4f}")

# %% [markdown]
# The forecast is better by far: a knob that moves goes on moving.
#
# ## Answering
# Now it runs with the stream: each block moves the window on, and the forecast goes out as `gain`, within 0
# to 1. What was said is kept together with the frame that it was said of.

# %%
said_of, said = [], []
heard = np.zeros(0, np.float32)
with bela.control("gain") as gain, bela.stream("pot1", latency=seconds(0.02), for_=seconds(4)) as blocks:
    for block in blocks:
        heard = np.concatenate([heard, block.values])
        if len(heard) >= PAST * STEP:
            value = float(forecast(slow(heard[-PAST * STEP :])))
            gain.set(min(max(value, 0.0), 1.0))
            said_of.append(block.last_frame + AHEAD * STEP)
            said.append(value)
        first_frame = block.end_frame - len(heard)
    gain.set(0.5, confirm=True)
    print(f"{len(said)} answers; the program reads {bela.peek('gain')['gain']}")

# %% [markdown]
# Did it come true? For each forecast whose time has come we know where the knob really was.

# %%
place = np.array(said_of) - first_frame
is_over = place < len(heard)
actual = heard[place[is_over]]
before = heard[place[is_over] - AHEAD * STEP]
model_error, rest_error = rms(np.array(said)[is_over] - actual), rms(before - actual)
print(f"live: error of the forecast {model_error:.4f}; of the guess that nothing changes {rest_error:.4f}")
print("The model is better." if model_error < rest_error else "The knob did not move as before.")
bela.close()

# %% [markdown]
# The live error is about that of the part that was kept aside. `heard` grows by 176 kB a second, which is
# fine for some minutes; whoever lets it run for longer keeps `heard[-PAST * STEP:]` only.
#
# A larger model fits into the same loop: the stream waits while it computes, 4096 blocks at most, and a `Gap`
# tells when it was too slow. Outputs that are a whole wave go by `bela.send_buffer`, see tutorial 3.
#
# ## In pybela's words
# This would be an `on_buffer_callback` of `start_streaming` that calls `send_value` of a `Controller`; both
# work at once here, see [pybela.md](../pybela.md).
