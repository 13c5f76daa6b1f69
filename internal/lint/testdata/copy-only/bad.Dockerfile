FROM a AS build
RUN make
FROM alpine AS base
RUN apk add tzdata
FROM base AS runtime
COPY --from=build /x /x
# want: copy-only/3_RUNs
RUN adduser -D x
RUN chown x /x
CMD ["/x"]
