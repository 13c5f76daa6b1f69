FROM debian:trixie-slim AS build
# want: downloads/nothing_checks downloads/names_no_version
RUN curl -fsSL https://github.com/example/yq/releases/latest/download/yq -o /usr/local/bin/yq
# want: downloads/nothing_checks
RUN wget -qO- https://example.com/tool.tgz | tar xz -C /usr/local
# want: downloads/nothing_checks
ADD https://example.com/tool-1.2.tgz /opt/
# want: downloads/nothing_checks
RUN <<EOT bash
curl -sSfO https://example.com/install.sh
EOT
# want: downloads/nothing_checks
RUN curl https://example.com/x > /x
# want: downloads/nothing_checks
RUN wget https://example.com/x-$VERSION.tgz
# want: downloads/names_no_version
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/tool-latest.tgz /opt/
