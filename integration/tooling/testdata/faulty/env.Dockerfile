FROM scratch AS runtime
ENV TOKEN=CANARY
COPY services/env/program /
