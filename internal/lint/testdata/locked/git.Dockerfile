FROM debian AS build
ARG REF=v1.2.3
ARG COMMIT=0123456789012345678901234567890123456789
# want: locked/ref=v1.2.3
ADD https://github.com/example/x.git?ref=${REF}&keep-git-dir=1 /x
ADD https://github.com/example/x.git?commit=${COMMIT} /y
ADD https://github.com/example/x.git?ref=${COMMIT} /z
# want: locked/by_a_name
ADD git@github.com:example/x.git /a
# want: locked/by_a_name
ADD https://github.com/example/x.git#main /b
# want: locked/whatever_it_is_by_then
ADD https://raw.githubusercontent.com/example/x/main/install.sh /c
# want: locked/whatever_it_is_by_then
ADD https://example.github.io/x.tar.gz /d
ADD git@github.com:example/x.git#0123456789012345678901234567890123456789 /e
ADD raw.git /f
