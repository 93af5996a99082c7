"""What is measured: our application and three others, each served by the same granian."""
