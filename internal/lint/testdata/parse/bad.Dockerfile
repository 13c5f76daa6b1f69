FROM scratch AS a
# want: parse/INCLUDE
INCLUDE common
# want: parse/mount
RUN --mount=type=nonsense true
COPY a /a
