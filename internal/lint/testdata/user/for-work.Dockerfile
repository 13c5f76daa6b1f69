FROM koalaman/shellcheck-alpine:v0.11.0 AS shellcheck
RUN --mount=target=. shellcheck *.sh
