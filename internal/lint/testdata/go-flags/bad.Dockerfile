FROM golang:1.26
# want: go-flags
RUN CGO_ENABLED=0 GOOS=linux go build -a -installsuffix cgo -o server .
