"""Browsers that showed a key once, in a form, and show a cookie from then on."""
