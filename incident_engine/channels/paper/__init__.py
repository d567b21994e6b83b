"""Letters, through a printer's folder."""
