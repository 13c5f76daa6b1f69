package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-chi/chi/v5"
)

func TestGreets(t *testing.T) {
	router := chi.NewRouter()
	if err := routes(router); err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	router.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	if answer.Code != http.StatusOK || answer.Body.String() != "Hello from multi-stage Go!\n" {
		t.Errorf("GET / = %d %q", answer.Code, answer.Body)
	}
}
