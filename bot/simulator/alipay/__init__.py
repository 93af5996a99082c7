"""Alipay's end of the wire: its gateway, what a life account pushes, and the person's side."""
