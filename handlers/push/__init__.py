"""What people do about pushes: say no or yes to them, and answer them."""
