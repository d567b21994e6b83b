"""Incident Engine: from the facts of a breach to the law, the clock, the notice and the proof."""
