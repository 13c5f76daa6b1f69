package tasks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"example.com/stagecraft/libs/go/service"
)

// Store is what the handler needs of Postgres.
type Store interface {
	List(ctx context.Context) ([]Task, error)
	Add(ctx context.Context, title string) (Task, error)
	Finish(ctx context.Context, id int64) (Task, error)
}

// Routes serves the tasks of a store.
func Routes(r chi.Router, store Store) {
	r.Get("/tasks", func(w http.ResponseWriter, r *http.Request) {
		all, err := store.List(r.Context())
		answer(w, r, http.StatusOK, all, err)
	})
	r.Post("/tasks", func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Title string `json:"title"`
		}
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 16<<10))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&asked); err != nil {
			service.Problem(w, http.StatusBadRequest, err.Error())
			return
		}
		// PostgreSQL has no NUL in a text.
		if strings.TrimSpace(asked.Title) == "" || strings.ContainsRune(asked.Title, 0) {
			service.Problem(w, http.StatusUnprocessableEntity, "title must be a text that is not empty")
			return
		}
		added, err := store.Add(r.Context(), asked.Title)
		if err == nil {
			w.Header().Set("Location", fmt.Sprintf("/tasks/%d", added.ID))
		}
		answer(w, r, http.StatusCreated, added, err)
	})
	r.Put("/tasks/{id}/done", func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
		if err != nil {
			service.Problem(w, http.StatusNotFound, ErrNotFound.Error())
			return
		}
		finished, err := store.Finish(r.Context(), id)
		answer(w, r, http.StatusOK, finished, err)
	})
}

func answer(w http.ResponseWriter, r *http.Request, status int, value any, err error) {
	switch {
	case errors.Is(err, ErrNotFound):
		service.Problem(w, http.StatusNotFound, err.Error())
	case err != nil:
		slog.ErrorContext(r.Context(), "using the database", "path", r.URL.Path, "error", err)
		service.Problem(w, http.StatusInternalServerError, "the database does not answer")
	default:
		service.JSON(w, status, value)
	}
}
