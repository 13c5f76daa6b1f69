# A static program alone in its image, as root. That it serves nothing on the port that it exposes, no Dockerfile shows.
# want: pinned/gcc
FROM gcc:13 AS builder
WORKDIR /src
COPY . .
RUN gcc -static -O2 -o hello_world main.c

# want: user/root
FROM scratch AS runtime
COPY --from=builder /src/hello_world /hello_world
EXPOSE 8080
ENTRYPOINT ["/hello_world"]
