FROM golang:1.26-alpine AS base
RUN 1
RUN 2
RUN 3
RUN 4
RUN 5
RUN 6
RUN 7
FROM base AS validate
RUN 8
RUN --mount=target=/src go vet ./...
