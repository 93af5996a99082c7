"""A campaign to many people, while workers are killed and Redis forgets everything."""
