package lint

import "testing"

func TestIsDockerfile(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"Dockerfile": true, "dockerfile": true, "Dockerfile.web": true, "web.Dockerfile": true, "Containerfile": true, "Containerfile.debug": true,
		"Dockerfile.dockerignore": false, "Dockerfile.j2": false, "Dockerfile.template": false, "Dockerfile.rego": false, "Dockerfile.tmpl": false,
		"Makefile": false, "Dockerfile-web": false,
	} {
		if isDockerfile(name) != want {
			t.Errorf("isDockerfile(%q) is %t", name, !want)
		}
	}
}
