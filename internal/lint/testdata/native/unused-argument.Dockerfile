ARG TARGETARCH
FROM golang:1.26 AS build
ARG TARGETPLATFORM
# TARGETARCH in a comment, and in a name, is not a use: $MY_TARGETARCH
RUN go build -o /x && echo $MY_TARGETARCH
FROM scratch AS runtime
COPY --from=build /x /x
ENTRYPOINT ["/x"]
