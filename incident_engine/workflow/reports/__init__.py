"""Verbs on reports to authorities and controllers: drafted, frozen, filed, answered."""
