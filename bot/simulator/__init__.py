"""WeChat and the outside offices on this machine: a process of its own, never in production."""
