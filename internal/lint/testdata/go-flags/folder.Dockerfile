FROM golang:1.26
# want: go-flags
RUN go -C cmd build -a .
