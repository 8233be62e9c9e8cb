"""A whole service to measure, as real processes: started, given pictures, looked at from outside."""
