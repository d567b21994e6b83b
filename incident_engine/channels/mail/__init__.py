"""Mail: written, handed to a relay, and what comes back."""
