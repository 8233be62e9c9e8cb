"""Bulk jobs: one id, thousands of pictures, one file of results."""
