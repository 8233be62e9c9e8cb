"""What two processes would break over if they disagreed: messages, queues, keys, settings, errors."""
