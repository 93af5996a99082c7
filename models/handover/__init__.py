"""What is handed over to the province and the banks, and what they answer: batches with their
lines, reply files with theirs, and the moves that follow."""
