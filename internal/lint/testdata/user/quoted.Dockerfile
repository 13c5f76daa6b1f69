FROM debian AS runtime
ARG USER_ID=0
ENTRYPOINT ["/x"]
# want: user/runs_as_root
USER "$USER_ID:$USER_ID"
