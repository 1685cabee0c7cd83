"""What is done later: the queue, mails, alerts, exports."""
