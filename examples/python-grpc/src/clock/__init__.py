"""The time of day anywhere, over gRPC."""
