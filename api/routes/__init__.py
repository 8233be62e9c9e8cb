"""What the front end answers to, a file for each kind of request."""
