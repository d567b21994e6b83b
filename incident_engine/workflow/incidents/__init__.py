"""Verbs on an incident: opened, its facts, its course, its duties."""
