"""Facts, people and law files from outside, read into values: each whole, or refused whole."""
