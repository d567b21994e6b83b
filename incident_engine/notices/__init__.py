"""Words on paper: what people, the public and authorities are told."""
