"""YAML to a typed, immutable config, every fault with its place."""
