package engine

import (
	"context"
	"fmt"
	"os"
)

// Connect is the engine that DOCKER_HOST or the docker context in use names, else the one at docker's default address, for
// those who need no more than its API.
func Connect(ctx context.Context) (*Engine, error) {
	e, source, err := locate()
	if err != nil {
		return nil, err
	}
	if err := e.connect(ctx); err != nil {
		if source == "" {
			return nil, err
		}
		return nil, fmt.Errorf("reach the engine at %s, which %s names: %w", e.Host, source, err)
	}
	return e, nil
}

// locate finds the address of an engine and what names it; source is empty for docker's default.
func locate() (e *Engine, source string, err error) {
	e, source = &Engine{Host: os.Getenv("DOCKER_HOST")}, "DOCKER_HOST"
	if e.Host == "" {
		name, endpoint, err := currentContext()
		if err != nil {
			return nil, "", err
		}
		e.Host, e.certs, source = endpoint.host, endpoint.certs, "docker context "+name
	}
	if e.Host == "" {
		e.Host, source = defaultHost, ""
	}
	return e, source, nil
}
