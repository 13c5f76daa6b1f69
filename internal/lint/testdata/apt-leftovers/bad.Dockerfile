FROM debian:trixie-slim
# want: apt-leftovers/recommended apt-leftovers/lists
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get update && apt-get -y install curl
# want: apt-leftovers/lists
RUN apt-get update && apt-get install --no-install-recommends -y git && rm -rf /var/cache/apt/*
CMD ["curl"]
