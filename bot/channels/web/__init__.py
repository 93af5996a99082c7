"""Conversations through a page: the site's chat and the mini programs' API. Entered by start-up."""
