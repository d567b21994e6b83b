"""Who is affected, and where they can be written to. Pure."""
