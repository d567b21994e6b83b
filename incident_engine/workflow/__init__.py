"""One file per verb. A verb opens the transaction, asks the domain, writes rows, journals."""
