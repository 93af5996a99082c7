"""What a campaign for a million people costs: its rows, a look at it, the memory of its sender."""
