"""Many photographs: which files, where their results go, what was done before, and the run."""
