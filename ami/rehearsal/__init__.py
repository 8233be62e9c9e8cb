"""The image without EC2: `chroot.sh` makes one in a folder, `answer` has the worker in it work."""
