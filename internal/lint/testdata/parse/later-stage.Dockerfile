FROM a AS one
# want: parse/stage_Later_is_below,_in_line_9
COPY --from=Later /x /x
# want: parse/stage_2_is_below,_in_line_9
RUN --mount=type=bind,from=2,target=/x true
COPY --from=image /x /x
FROM a
COPY --from=one /x /x
FROM a AS later
# want: parse/stage_later_is_this_one
COPY --from=later /x /x
FROM a
COPY --from=later /x /x
