# syntax=example.com/dockerfile-plus:1
FROM scratch
INCLUDE+ common
