# check=error=true
# Rendered from dockerfiles/c.Dockerfile: change that, or write `dockerfile: own` in service.yaml.

FROM scratch AS runtime
ENTRYPOINT ["/{{.Name}}"]
