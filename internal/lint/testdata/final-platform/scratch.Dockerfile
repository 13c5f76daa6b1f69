FROM --platform=$BUILDPLATFORM scratch
COPY x /x
CMD ["/x"]
