# check=error=true
# Rendered from dockerfiles/go.Dockerfile: change that, or write `dockerfile: own` in service.yaml.

# A template of the tests: every value once, and braces of a Dockerfile's own: {{"{{.Name}}"}}
FROM scratch AS runtime
COPY services/{{.Name}}/main /{{.Name}}
LABEL org.opencontainers.image.description="{{.Description}}"
ENV PORT={{.Port}}
EXPOSE {{.Port}}
HEALTHCHECK CMD ["/{{.Name}}", "--probe", "{{.Live}}", "{{.Ready}}"]
