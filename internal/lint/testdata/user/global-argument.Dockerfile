ARG UID=0 OTHER=1
FROM debian
ARG UID
ENTRYPOINT ["/x"]
# want: user/runs_as_root
USER ${UID}
