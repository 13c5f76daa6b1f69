package integration

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	flag.Parse()
	// Most of a test here is waiting for a container, so that a processor has time for two.
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == parallel.DefValue {
		_ = parallel.Value.Set(strconv.Itoa(2 * runtime.GOMAXPROCS(0))) // a number is what it takes
	}
	code := m.Run()
	if lab != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		// Each test removes what it has made; a test that broke off may have left something.
		if _, err := lab.sweep(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "cleaning up:", err)
			code = max(code, 1)
		}
		cancel()
	}
	fmt.Print(summary.String())
	os.Exit(code)
}
