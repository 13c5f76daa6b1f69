package tasks

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"

	"github.com/jackc/pgx/v5"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrationLock is any number that nothing else in the database uses for an advisory lock.
const migrationLock = 7_243_392

// Migrate applies the migrations that the database lacks, in the order of their names, each in a transaction. It returns
// those that it has applied.
func (p *Postgres) Migrate(ctx context.Context) (applied []string, err error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		name := path.Base(file)
		fresh := false
		err := pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) (err error) {
			fresh, err = apply(ctx, tx, file, name)
			return err
		})
		if err != nil {
			return applied, fmt.Errorf("applying %s: %w", name, err)
		}
		if fresh {
			applied = append(applied, name)
		}
	}
	return applied, nil
}

// apply reports whether the migration was applied, and not before. Another process waits for the lock until the transaction
// ends.
func apply(ctx context.Context, tx pgx.Tx, file, name string) (bool, error) {
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", migrationLock); err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, "CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now())"); err != nil {
		return false, err
	}
	tag, err := tx.Exec(ctx, "INSERT INTO migration (name) VALUES ($1) ON CONFLICT DO NOTHING", name)
	if err != nil || tag.RowsAffected() == 0 {
		return false, err
	}
	statements, err := fs.ReadFile(migrations, file)
	if err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, string(statements))
	return true, err
}
