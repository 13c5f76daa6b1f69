FROM golang AS build
# want: final-platform/is_for_${BUILDPLATFORM}
FROM --platform=${BUILDPLATFORM} alpine
COPY --from=build /x /x
CMD ["/x"]
