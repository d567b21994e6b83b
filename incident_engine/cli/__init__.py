"""The command line: one file per noun, words into arguments, answers into tables."""
