"""Where an application stands: six words, since when, the promised date; after proof alone."""
