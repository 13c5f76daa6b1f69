FROM debian:trixie-slim AS build
RUN curl -L https://example.com/x-1.2.tgz | tee x.tgz | sha256sum -c /sums
RUN curl -L https://example.com/x-1.2.tgz | tar xz && sha256sum -c /sums
# want: pipefail
RUN sha256sum -c /sums && curl -L https://example.com/x-1.2.tgz | tar xz
