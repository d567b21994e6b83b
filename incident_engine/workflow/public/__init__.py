"""Verbs on the public page."""
