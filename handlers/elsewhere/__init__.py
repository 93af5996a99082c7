"""A form begun in one channel and gone on with in another: finding it, offering it, moving it."""
