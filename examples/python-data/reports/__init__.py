"""Sums up sales, draws them, and signs what it says."""
