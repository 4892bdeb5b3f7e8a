"""The rules of a config compiled into a plan: values in, intents out; pure."""
