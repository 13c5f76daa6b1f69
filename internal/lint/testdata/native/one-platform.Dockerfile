FROM golang:1.26 AS build
RUN go build -o /x
FROM scratch AS runtime
COPY --from=build /x /x
