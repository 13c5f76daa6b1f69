package tasks

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/go-chi/chi/v5"
)

// memory is a store for tests of the handler.
type memory struct{ tasks []Task }

func (m *memory) List(context.Context) ([]Task, error) {
	if len(m.tasks) > 1 {
		return nil, errors.New("the disk is full")
	}
	return append([]Task{}, m.tasks...), nil
}

func (m *memory) Add(_ context.Context, title string) (Task, error) {
	m.tasks = append(m.tasks, Task{ID: int64(len(m.tasks) + 1), Title: title})
	return m.tasks[len(m.tasks)-1], nil
}

func (m *memory) Finish(_ context.Context, id int64) (Task, error) {
	if id < 1 || id > int64(len(m.tasks)) {
		return Task{}, ErrNotFound
	}
	m.tasks[id-1].Done = true
	return m.tasks[id-1], nil
}

func TestHandler(t *testing.T) {
	handler := chi.NewRouter()
	Routes(handler, &memory{})
	for _, tt := range []struct {
		method, path, body string
		status             int
		contains           string
	}{
		{"GET", "/tasks", "", http.StatusOK, "[]"},
		{"POST", "/tasks", `{"title": "Sharpen the saw"}`, http.StatusCreated, `"id":1`},
		{"GET", "/tasks", "", http.StatusOK, "Sharpen"},
		{"PUT", "/tasks/1/done", "", http.StatusOK, `"done":true`},
		{"PUT", "/tasks/2/done", "", http.StatusNotFound, "no such task"},
		{"PUT", "/tasks/x/done", "", http.StatusNotFound, "no such task"},
		{"POST", "/tasks", `{"title": " "}`, http.StatusUnprocessableEntity, "title"},
		{"POST", "/tasks", `{"title": "a\u0000b"}`, http.StatusUnprocessableEntity, "title"},
		{"POST", "/tasks", `{"name": "x"}`, http.StatusBadRequest, "unknown field"},
		{"POST", "/tasks", `{"title": "Second"}`, http.StatusCreated, `"id":2`},
		{"GET", "/tasks", "", http.StatusInternalServerError, "does not answer"},
	} {
		got := httptest.NewRecorder()
		handler.ServeHTTP(got, httptest.NewRequest(tt.method, tt.path, strings.NewReader(tt.body)))
		if got.Code != tt.status || !strings.Contains(got.Body.String(), tt.contains) {
			t.Errorf("%s %s %s: %d %s", tt.method, tt.path, tt.body, got.Code, got.Body)
		}
	}
}

func TestOpenWithoutADatabase(t *testing.T) {
	for url, want := range map[string]string{"": "DATABASE_URL", "postgresql://:x": "DATABASE_URL", "postgresql://127.0.0.1:1/x": "connecting"} {
		if _, err := Open(t.Context(), url); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error is %v, want one about %s", url, err, want)
		}
	}
}

// TestPostgres needs a database that may be changed: TEST_DATABASE_URL=postgresql://... go test ./...
func TestPostgres(t *testing.T) {
	url := os.Getenv("TEST_DATABASE_URL")
	if url == "" {
		t.Skip("needs TEST_DATABASE_URL; the proof of the image has a database")
	}
	store, err := Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var wait sync.WaitGroup
	for range 4 { // at once, as when several replicas start
		wait.Go(func() {
			if _, err := store.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if again, err := store.Migrate(t.Context()); err != nil || len(again) > 0 {
		t.Errorf("applied again: %v, %v", again, err)
	}
	added, err := store.Add(t.Context(), "Sharpen the saw")
	if err != nil {
		t.Fatal(err)
	}
	if finished, err := store.Finish(t.Context(), added.ID); err != nil || !finished.Done {
		t.Errorf("finished: %v, %v", finished, err)
	}
	if _, err := store.Finish(t.Context(), -1); !errors.Is(err, ErrNotFound) {
		t.Errorf("error is %v", err)
	}
	if all, err := store.List(t.Context()); err != nil || len(all) == 0 || all[0].ID != added.ID {
		t.Errorf("listed %v, %v", all, err)
	}
}
