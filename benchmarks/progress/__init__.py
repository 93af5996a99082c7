"""What a question about progress costs where a million applications are stored."""
