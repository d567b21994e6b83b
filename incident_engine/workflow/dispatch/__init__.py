"""Verbs on a campaign and its deliveries: launched, sent, answered, resolved."""
