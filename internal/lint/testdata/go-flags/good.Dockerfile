FROM golang:1.26
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w -a" -o server . && tar -a -cf x.tar x
