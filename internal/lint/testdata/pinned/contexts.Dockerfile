FROM scratch
# want: pinned/templates_is_neither_a_stage
COPY --from=templates /app.yml /etc/
# want: pinned/templates:1_has_no_digest
COPY --from=templates:1 /app.yml /etc/
