"""Pictures are decoded in processes that can do nothing else and may die: see docs/decisions/0012-decoder.md.

worker: pool -> nursery, cell   |   nursery process: __main__ -> warm   |   its forks: inmate -> jail
"""
