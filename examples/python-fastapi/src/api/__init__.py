"""Takes orders over HTTP, and packs them in a worker."""
