"""Alipay: bytes of the gateway ↔ updates, the platform's API, the webhook. Entered by start-up."""
