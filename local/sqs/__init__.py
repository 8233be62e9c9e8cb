"""A local SQS endpoint: the JSON protocol that boto3 speaks, SQLite underneath."""
