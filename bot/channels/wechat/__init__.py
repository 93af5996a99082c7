"""WeChat: codec (bytes to updates and back), client (the platform's API), views (the webhook)."""
