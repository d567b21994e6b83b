"""Verbs on a notice: for whom, in which words, checked, frozen, approved."""
