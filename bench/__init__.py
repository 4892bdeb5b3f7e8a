"""How fast belabridge is, beside what no program could avoid; run it with ``python -m bench``."""
