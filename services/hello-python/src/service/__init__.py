"""A small web service. Kept empty of imports: the probe must start fast."""
