FROM buildpack-deps:trixie-scm
COPY --from=build /x /x
CMD ["/x"]
