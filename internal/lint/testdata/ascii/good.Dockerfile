# A comment may hold <U+2011> what it likes.
FROM go-app AS a
RUN echo "one<U+2011>two" && echo 'three<U+2011>four'
COPY Übersicht /
LABEL org.opencontainers.image.description="small<U+2011>ish" org.opencontainers.image.title="A go<U+2011>to app"
COPY <<EOF /x
<U+2011>
EOF
