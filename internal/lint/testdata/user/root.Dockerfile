FROM scratch
ENTRYPOINT ["/x"]
USER 65532
# want: user/root
USER 0:65532
