FROM a AS build
RUN make
FROM scratch AS runtime
COPY --from=build /x /x
ONBUILD RUN x
