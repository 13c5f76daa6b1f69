FROM golang:1.26
RUN rm -rf /usr/local/go/* && rm -rf /var/lib/apt/lists/*
CMD ["/app"]
