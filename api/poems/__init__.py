"""A short verse about what was seen: by kind of thing, or the operator's own."""
