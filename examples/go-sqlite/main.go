// Go-sqlite is a guest book in a SQLite database.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	_ "github.com/mattn/go-sqlite3" // SQLite itself, in C

	"example.com/stagecraft/libs/go/service"
)

func main() {
	database := flag.String("database", "/data/guests.db", "the file of the database")
	service.Main("go-sqlite", func(r chi.Router) error {
		b, err := open(context.Background(), *database)
		if err != nil {
			return err
		}
		b.routes(r)
		return nil
	})
}

type entry struct {
	ID      int64     `json:"id"`
	Name    string    `json:"name"`
	Text    string    `json:"text"`
	Written time.Time `json:"written"`
}

type book struct{ db *sql.DB }

const schema = `
CREATE TABLE IF NOT EXISTS entry (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	text TEXT NOT NULL,
	written TEXT NOT NULL
) STRICT`

// open makes the database where there is none. One writer at a time is SQLite's rule: the others wait.
func open(ctx context.Context, file string) (*book, error) {
	db, err := sql.Open("sqlite3", "file:"+file+"?_journal_mode=WAL&_busy_timeout=5000&_txlock=immediate&_foreign_keys=on")
	if err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, fmt.Errorf("opening the database %s: %w; its folder must be writable", file, err)
	}
	return &book{db: db}, nil
}

func (b *book) write(ctx context.Context, name, text string) (entry, error) {
	e := entry{Name: name, Text: text, Written: time.Now().UTC().Truncate(time.Second)}
	err := b.db.QueryRowContext(ctx, "INSERT INTO entry (name, text, written) VALUES (?, ?, ?) RETURNING id",
		name, text, e.Written.Format(time.RFC3339)).Scan(&e.ID)
	return e, err
}

// latest are up to a hundred entries, the newest first; with words, those that contain them.
func (b *book) latest(ctx context.Context, words string) ([]entry, error) {
	rows, err := b.db.QueryContext(ctx, "SELECT id, name, text, written FROM entry WHERE instr(lower(text), lower(?)) ORDER BY id DESC LIMIT 100", words)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := []entry{}
	for rows.Next() {
		var e entry
		var written string
		if err := rows.Scan(&e.ID, &e.Name, &e.Text, &written); err != nil {
			return nil, err
		}
		if e.Written, err = time.Parse(time.RFC3339, written); err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	return found, rows.Err()
}

func (b *book) routes(r chi.Router) {
	r.Get("/entries", func(w http.ResponseWriter, r *http.Request) {
		found, err := b.latest(r.Context(), r.URL.Query().Get("q"))
		if err != nil {
			fail(w, r, err)
			return
		}
		service.JSON(w, http.StatusOK, found)
	})
	r.Post("/entries", func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Name string `json:"name"`
			Text string `json:"text"`
		}
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 16<<10))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&asked); err != nil {
			service.Problem(w, http.StatusBadRequest, err.Error())
			return
		}
		if strings.TrimSpace(asked.Name) == "" || strings.TrimSpace(asked.Text) == "" {
			service.Problem(w, http.StatusUnprocessableEntity, "name and text must not be empty")
			return
		}
		written, err := b.write(r.Context(), asked.Name, asked.Text)
		if err != nil {
			fail(w, r, err)
			return
		}
		service.JSON(w, http.StatusCreated, written)
	})
}

func fail(w http.ResponseWriter, r *http.Request, err error) {
	slog.ErrorContext(r.Context(), "using the database", "path", r.URL.Path, "error", err)
	service.Problem(w, http.StatusInternalServerError, "the database does not answer")
}
