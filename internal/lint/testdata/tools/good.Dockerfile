FROM golang AS build
FROM eclipse-temurin:21-jre AS java
FROM example.com/team/node:24 AS ours
FROM debian:trixie-slim AS runtime
COPY --from=build /x /x
