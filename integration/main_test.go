package integration

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if lab.runner != nil {
		// What is left here was left by a test that broke off: each one removes what it has made.
		if _, err := lab.runner.Sweep(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, "cleaning up:", err)
			code = max(code, 1)
		}
	}
	fmt.Print(summary.String())
	os.Exit(code)
}
