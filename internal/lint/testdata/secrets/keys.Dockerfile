FROM a
ENV Filters__0__Key=ProcessId CACHE_KEY=v1 PARTITION_KEY=customer KEYMAP=us
# want: secrets/API_KEY secrets/SECRET_KEY_BASE
ENV API_KEY=abc SECRET_KEY_BASE=abc
