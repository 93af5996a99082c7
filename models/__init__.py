"""The records and the rules they keep: one module per noun. Knows neither HTTP nor chat."""
