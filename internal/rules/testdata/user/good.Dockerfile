FROM scratch AS base
ENV UID=65532
USER $UID:$UID
FROM base AS runtime
ONBUILD USER root
