"""Pages that anyone may read: the announcement, and where a code is checked."""
