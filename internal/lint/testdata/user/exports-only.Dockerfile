FROM golang AS build
RUN go build -o /x
FROM scratch AS binaries
COPY --from=build /x /x
