FROM golang:1.26 AS dev-env
RUN go install example.com/x@v1.2.3
CMD ["bash"]
