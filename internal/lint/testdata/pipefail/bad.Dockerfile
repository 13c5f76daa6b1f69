FROM debian:trixie-slim AS build
# want: pipefail/status_of_tar
RUN curl -fsSL https://example.com/tool-1.2.tgz | tar xz -C /opt
# want: pipefail/status_of_sh
RUN wget -qO- https://example.com/x | sudo sh -s -- -y
SHELL ["/bin/bash", "-c"]
# want: pipefail
RUN <<EOT
curl https://example.com/x | tee /x
EOT
