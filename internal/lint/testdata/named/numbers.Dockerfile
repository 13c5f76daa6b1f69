FROM a
FROM b AS two
# want: named/stage_0
COPY --from=0 /x /x
# want: named/stage_0
RUN --mount=type=bind,from=0,target=/x true
COPY --from=two /x /x
FROM two
