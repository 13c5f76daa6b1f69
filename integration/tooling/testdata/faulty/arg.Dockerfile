FROM scratch AS runtime
ARG TOKEN=CANARY
COPY services/arg/program /
