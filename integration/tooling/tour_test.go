package tooling

import (
	"os/exec"
	"testing"

	"example.com/stagecraft/internal/command"
)

// TestTour plays the story of a team, without images and containers: those that it would build take the other tests' time again.
func TestTour(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the magefile of clones; leave out -short to run it")
	}
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("bash is not here")
	}
	samples(t, "../..", "hello-c,hello-go,hello-node,hello-python")
	mustNot(t, command.Command{Args: []string{"bash", "../../docs/tour.sh", "-short"}, Stdout: t.Output(), Stderr: t.Output()}.Run(t.Context()))
}
