"""Two clients with a key each: does one that floods disturb one that does not?"""
