"""The risk to people, proposed with reasons. Pure."""
