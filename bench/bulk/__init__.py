"""A bulk job whose service dies under it, part after part. Every row must be answered, once, and rightly."""
