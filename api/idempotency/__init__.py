"""A request that comes again gets the answer to the first."""
