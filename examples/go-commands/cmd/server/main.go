// Server is the API for tasks.
package main

import (
	"context"
	"flag"

	"github.com/go-chi/chi/v5"

	"example.com/stagecraft/examples/go-commands/internal/tasks"
	"example.com/stagecraft/libs/go/service"
)

func main() {
	database := flag.String("database-url", "", "such as postgresql://user:password@host:5432/tasks")
	service.Main("server", func(r chi.Router) error {
		store, err := tasks.Open(context.Background(), *database)
		if err != nil {
			return err
		}
		tasks.Routes(r, store)
		return nil
	})
}
