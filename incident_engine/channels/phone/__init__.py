"""Texts and calls, through a provider."""
