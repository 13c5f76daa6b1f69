FROM debian:trixie-slim AS system
ARG TARGETARCH
RUN echo $TARGETARCH
# want: native/stage_tool_runs
FROM golang:1.26 AS tool
RUN go build -o /tool .
FROM scratch
COPY --from=system / /
COPY --from=tool /tool /tool
CMD ["/tool"]
