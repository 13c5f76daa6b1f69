FROM debian:trixie-slim AS base
RUN set -o pipefail; curl https://example.com/x | tar xz
RUN bash -o pipefail -c "curl https://example.com/x | tar xz"
RUN bash -eo pipefail <<EOT
curl https://example.com/x | tar xz
EOT
RUN cat list | xargs echo && curl -o /x https://example.com/x && sh -c "$(curl https://example.com/x)"
RUN curl https://example.com/x | sha256sum -c /sums
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN curl https://example.com/x | tar xz
FROM base
RUN curl https://example.com/x | tar xz
