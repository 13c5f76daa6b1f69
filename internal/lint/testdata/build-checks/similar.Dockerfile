FROM golang:1.26
ARG VERSION
# The base sets it, and PATH is like it only by chance.
WORKDIR $GOPATH/src
# want: UndefinedVar/VERSIN
WORKDIR /src/$VERSIN
