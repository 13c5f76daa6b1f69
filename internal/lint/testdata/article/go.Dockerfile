# A two-stage build of a Go service, with the faults that such files are often shown with.
# want: pinned/golang supported/golang_1.22
FROM golang:1.22-alpine AS builder
WORKDIR /app
# want: sources/go.sum
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# want: go-flags
RUN CGO_ENABLED=0 GOOS=linux go build -a -installsuffix cgo -o server .

# want: pinned/alpine supported/alpine_3.19
FROM alpine:3.19 AS runtime
# want: maintainer ascii/go<U+2011>microservice
LABEL maintainer="team@example.com" org.opencontainers.image.title="go<U+2011>microservice"
WORKDIR /home/app
COPY --from=builder /app/server .
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["./server"]
