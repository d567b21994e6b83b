"""What the law asks: law files, what they depend on, clocks, verdicts, answers. Pure."""
