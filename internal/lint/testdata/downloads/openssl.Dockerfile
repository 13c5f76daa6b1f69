FROM debian:trixie-slim AS build
RUN curl -fsSLO https://example.com/x-1.2.tgz && if [ "$(openssl sha512 -r x-1.2.tgz)" = "$SUM" ]; then tar xf x-1.2.tgz; else exit 1; fi
FROM debian:trixie-slim AS other
# want: downloads
RUN curl -fsSLO https://example.com/x-1.2.tgz && openssl x509 -in /x.pem && tar xf x-1.2.tgz
