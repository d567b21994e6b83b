"""What is known of an incident: the facts file, its words, counts and moments. Pure."""
