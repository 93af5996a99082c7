"""What the officers' queue costs among 1,000 and among 100,000 open applications."""
