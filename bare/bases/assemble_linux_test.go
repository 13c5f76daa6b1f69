package bases

import (
	"context"
	"os"
	"strings"
	"testing"

	"example.com/stagecraft/bare/internal/lock"
)

// Who is interrupted while another command assembles the same stand-in goes away at once.
func TestInterruptedWhileWaiting(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("assembling needs root")
	}
	const name = "debian:trixie-slim"
	s := Store(t.TempDir())
	unlock, err := lock.Take(t.Context(), s.dir(name, recipes[name], false)+".lock", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	// All that it tells is that it waits.
	if _, err := s.Assemble(ctx, []string{name}, false, func(string, ...any) { cancel() }); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("error %v", err)
	}
}
