"""The database, and nothing else: tables, questions asked of them, the journal."""
