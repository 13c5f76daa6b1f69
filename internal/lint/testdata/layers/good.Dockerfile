FROM a AS build
COPY 1 /
COPY 2 /
COPY 3 /
COPY 4 /
COPY 5 /
COPY 6 /
COPY 7 /
COPY 8 /
COPY 9 /
FROM scratch
COPY --from=build / /
ENV A=1
LABEL a=b
CMD ["/x"]
