// Migrate brings the database to the schema that the server of the same image needs. It may run at any time, and several
// times at once: each migration is applied once.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"example.com/stagecraft/examples/go-commands/internal/tasks"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "migrate:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	store, err := tasks.Open(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	defer store.Close()
	applied, err := store.Migrate(ctx)
	for _, name := range applied {
		fmt.Println("applied", name)
	}
	if err == nil && len(applied) == 0 {
		fmt.Println("nothing to apply")
	}
	return err
}
