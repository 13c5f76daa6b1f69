"""Generated from proto/clock/v1: see README.md."""
