"""The deployment on AWS: templates, and the commands that apply, watch and remove them."""
