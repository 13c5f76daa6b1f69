// Server is the API for tasks.
package main

import (
	"context"
	"net/http"

	"example.com/stagecraft/examples/go-commands/internal/tasks"
	"example.com/stagecraft/examples/libs/shop/serve"
)

func main() {
	serve.Main("server", func(getenv func(string) string) (http.Handler, error) {
		store, err := tasks.Open(context.Background(), getenv("DATABASE_URL"))
		if err != nil {
			return nil, err
		}
		return tasks.Handler(store), nil
	})
}
