"""What training and classifying on Spark take, measured on one machine: `python -m bench.spark DATA`."""
