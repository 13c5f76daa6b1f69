FROM a AS build
USER 1000
# want: user/no_USER
FROM scratch AS runtime
COPY --from=build /x /x
ENTRYPOINT ["/x"]
