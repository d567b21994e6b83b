"""Files from outside read into values: facts, people, playbooks. Each refuses whole or reads whole."""
