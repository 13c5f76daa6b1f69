FROM --platform=$BUILDPLATFORM golang AS build
FROM --platform=${TARGETPLATFORM:-$BUILDPLATFORM} alpine
COPY --from=build /x /x
CMD ["/x"]
