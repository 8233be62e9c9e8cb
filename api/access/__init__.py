"""Who asks, and may he?"""
