# want: ascii/U+2011
FROM go<U+2011>app AS a
# want: ascii/U+2011
COPY x<U+2011>y /
# want: ascii/U+2011
RUN gcc <U+2011>static -o x x.c
# want: ascii/U+2011
ENTRYPOINT ["/go<U+2011>app"]
# want: ascii/U+2011
LABEL org.opencontainers.image.title="go<U+2011>app"
