"""A picture that is asked for again: answered once for all who wait, and for a while after."""
