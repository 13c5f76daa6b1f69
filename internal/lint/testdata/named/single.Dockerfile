FROM a
COPY --from=9 /is/an/image /x
