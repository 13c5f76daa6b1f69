# check=error=true
# Rendered from dockerfiles/node.Dockerfile: change that, or write `dockerfile: own` in service.yaml.
FROM scratch AS runtime
