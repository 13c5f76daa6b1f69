FROM debian:trixie-slim AS build
# The rule locked finds this one.
RUN curl -sSf https://example.com/install.sh | sh
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/tool-1.2.tgz /opt/
ADD https://github.com/example/x.git#v1 /src/
ADD https://example.com/archive.asc file.txt /etc/apt/keyrings/
RUN curl -fsSL https://example.com/key.gpg -o /k && curl -s https://example.com/signing | gpg --dearmor -o /k2
RUN curl -f http://localhost:8080/healthz -o /dev/null && curl -I https://example.com/ && curl -X POST https://example.com/x -o /y && wget --spider https://example.com/x
RUN curl -fsSLo /x https://example.com/latestnews/x-1.2
RUN echo "24454f  /x" | sha256sum -c
