// Command hello-go greets over HTTP: copy it to begin a service. This file has the routes; what every service has in common
// comes from libs/go.
package main

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"example.com/stagecraft/libs/go/service"
)

func main() {
	service.Main("hello-go", routes)
}

func routes(r chi.Router) error {
	r.Get("/", greet)
	return nil
}

func greet(w http.ResponseWriter, _ *http.Request) {
	service.Text(w, "Hello from multi-stage Go!\n")
}
