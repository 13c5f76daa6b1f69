// Package tasks keeps tasks in PostgreSQL and serves them over HTTP.
package tasks

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Task is something to be done.
type Task struct {
	ID    int64  `json:"id"`
	Title string `json:"title"`
	Done  bool   `json:"done"`
}

// ErrNotFound is returned for a task that does not exist.
var ErrNotFound = errors.New("there is no such task")

// Postgres is a store in a PostgreSQL database.
type Postgres struct{ pool *pgxpool.Pool }

// Open connects to the database at a URL.
func Open(ctx context.Context, url string) (*Postgres, error) {
	if url == "" {
		return nil, errors.New("reading DATABASE_URL: set it to the database's address, such as postgresql://user:password@host:5432/name")
	}
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("reading DATABASE_URL: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	return &Postgres{pool: pool}, nil
}

// Close ends all connections.
func (p *Postgres) Close() { p.pool.Close() }

// List returns up to a hundred tasks, the newest first.
func (p *Postgres) List(ctx context.Context) ([]Task, error) {
	rows, err := p.pool.Query(ctx, "SELECT id, title, done FROM task ORDER BY id DESC LIMIT 100")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Task])
}

// Add adds a task.
func (p *Postgres) Add(ctx context.Context, title string) (Task, error) {
	return p.one(ctx, "INSERT INTO task (title) VALUES ($1) RETURNING id, title, done", title)
}

// Finish marks a task as done.
func (p *Postgres) Finish(ctx context.Context, id int64) (Task, error) {
	return p.one(ctx, "UPDATE task SET done = true WHERE id = $1 RETURNING id, title, done", id)
}

func (p *Postgres) one(ctx context.Context, query string, args ...any) (Task, error) {
	rows, err := p.pool.Query(ctx, query, args...)
	if err != nil {
		return Task{}, err
	}
	task, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Task])
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	return task, err
}
