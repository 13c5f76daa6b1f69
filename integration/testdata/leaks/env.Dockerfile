FROM scratch AS runtime
ENV TOKEN=CANARY
