"""Verbs of proof: packed for an auditor, answered to one person."""
