"""The image, baked where there is none: an instance, `ami/provision.sh` run on it by SSM, its image."""
