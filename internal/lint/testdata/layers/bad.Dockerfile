FROM a AS base
COPY 1 /
COPY 2 /
ADD 3 /
RUN 4
# want: layers/9_layers
FROM base
COPY 5 /
COPY 6 /
COPY 7 /
COPY 8 /
COPY 9 /
CMD ["/x"]
