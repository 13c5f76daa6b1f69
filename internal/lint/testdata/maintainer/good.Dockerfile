FROM scratch
LABEL org.opencontainers.image.authors="someone" org.opencontainers.image.source=https://example.com
