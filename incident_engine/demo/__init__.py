"""The whole job on a shipped incident, on this machine alone."""
