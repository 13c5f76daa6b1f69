"""Says what kind of file it is sent, and in which language a text is."""
