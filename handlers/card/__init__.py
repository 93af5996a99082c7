"""Applying for a first card: the form, its questions, its background checks and its submission."""
