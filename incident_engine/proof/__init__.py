"""The inspection pack, and nothing else: how one is written, and how a stranger checks it."""
