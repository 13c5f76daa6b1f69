FROM debian AS build
ARG REF=v1.2.3
ARG COMMIT=0123456789012345678901234567890123456789
# want: locked/ref=v1.2.3
ADD https://github.com/example/x.git?ref=${REF}&keep-git-dir=1 /x
ADD https://github.com/example/x.git?commit=${COMMIT} /y
ADD https://github.com/example/x.git?ref=${COMMIT} /z
