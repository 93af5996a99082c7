"""Settings, the city's profile, texts and FAQ. Imports nothing else of ours."""
