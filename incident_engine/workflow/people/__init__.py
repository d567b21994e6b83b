"""Verbs on the people concerned: taken in, and how each can be reached."""
