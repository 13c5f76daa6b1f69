FROM --platform=$BUILDPLATFORM BASE AS runtime
RUN --mount=type=bind,source=dockerfiles/bin/with-secrets,target=/opt/bin/with-secrets \
    --mount=type=secret,id=netrc,target=/root/.netrc \
    /opt/bin/with-secrets true
