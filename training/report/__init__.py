"""What came of a training run: figures (`report.json`) and one page that holds everything (`report.html`)."""
