ARG BASE
FROM $BASE AS one
FROM gcr.io/distroless/static-debian13:nonroot AS two
