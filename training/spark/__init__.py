"""Training, and classifying in bulk, on a Spark cluster.

Nothing here imports pyspark before it is asked for. See docs/spark.md.
"""
