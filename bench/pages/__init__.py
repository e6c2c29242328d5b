"""What pages cost at the size of a large company, beside the same rows on a page that does nothing else."""
