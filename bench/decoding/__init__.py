"""Which way of decoding a JPEG is worth its time: accuracy on labeled photos beside CPU."""
