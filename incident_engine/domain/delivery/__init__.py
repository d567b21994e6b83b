"""One message to one person: its states, its next channel, its pace. Pure."""
