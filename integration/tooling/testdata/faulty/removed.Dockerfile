FROM --platform=$BUILDPLATFORM BASE AS runtime
RUN --mount=type=secret,id=npmrc cp /run/secrets/npmrc /root/.npmrc
RUN rm /root/.npmrc
