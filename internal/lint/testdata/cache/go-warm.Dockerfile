FROM golang AS build
RUN go mod download
RUN go install example.com/a example.com/b
# want: cache/go_install
RUN go install example.com/c@v1.2.3
