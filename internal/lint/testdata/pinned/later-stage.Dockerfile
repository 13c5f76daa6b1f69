# want: pinned/a_has_no_digest
FROM a AS one
COPY --from=later /x /x
FROM one AS later
