package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/go-chi/chi/v5"
)

func TestBook(t *testing.T) {
	file := filepath.Join(t.TempDir(), "guests.db")
	b, err := open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	handler := chi.NewRouter()
	b.routes(handler)
	for _, tt := range []struct {
		method, path, body string
		status             int
		contains           string
	}{
		{"GET", "/entries", "", http.StatusOK, "[]"},
		{"POST", "/entries", `{"name": "Ada", "text": "A fine engine"}`, http.StatusCreated, `"id":1`},
		{"POST", "/entries", `{"name": "Bob'); DROP TABLE entry; --", "text": "x"}`, http.StatusCreated, `"id":2`},
		{"POST", "/entries", `{"name": "", "text": "x"}`, http.StatusUnprocessableEntity, "must not be empty"},
		{"POST", "/entries", `{"title": "x"}`, http.StatusBadRequest, "unknown field"},
		{"GET", "/entries?q=ENGINE", "", http.StatusOK, `"name":"Ada"`},
		{"GET", "/entries?q=nothing", "", http.StatusOK, "[]"},
	} {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(tt.method, tt.path, strings.NewReader(tt.body)))
		if answer.Code != tt.status || !strings.Contains(answer.Body.String(), tt.contains) {
			t.Errorf("%s %s %s: %d %s", tt.method, tt.path, tt.body, answer.Code, answer.Body)
		}
	}
	if again, err := open(t.Context(), file); err != nil {
		t.Error(err)
	} else if found, err := again.latest(t.Context(), ""); err != nil || len(found) != 2 || found[0].ID != 2 {
		t.Errorf("opened again, it has %v, %v", found, err)
	}
}

// Writers wait for one another.
func TestManyWriters(t *testing.T) {
	b, err := open(t.Context(), filepath.Join(t.TempDir(), "guests.db"))
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if _, err := b.write(t.Context(), "x", "y"); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if found, err := b.latest(t.Context(), ""); err != nil || len(found) != 20 {
		t.Errorf("%d entries, %v", len(found), err)
	}
}

func TestNoFolder(t *testing.T) {
	if _, err := open(t.Context(), "/no/such/folder/guests.db"); err == nil || !strings.Contains(err.Error(), "writable") {
		t.Errorf("error is %v", err)
	}
}
