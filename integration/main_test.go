package integration

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
)

func TestMain(m *testing.M) {
	flag.Parse()
	// Most of a test here is waiting for a container, so that a processor has time for two.
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == parallel.DefValue {
		_ = parallel.Value.Set(strconv.Itoa(2 * runtime.GOMAXPROCS(0))) // a number is what it takes
	}
	code := m.Run()
	if lab != nil {
		// Each test removes what it has made; a test that broke off may have left something. There is no time limit: a busy engine may
		// need minutes to list its images.
		if _, err := lab.sweep(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, "cleaning up:", err)
			code = max(code, 1)
		}
	}
	fmt.Print(summary.String())
	os.Exit(code)
}
