//go:build !linux

// Package lock lets one command at a time do a piece of work.
package lock

import (
	"context"
	"errors"
)

// Take fails: what it guards is made on Linux only.
func Take(_ context.Context, path string, _ func()) (unlock func(), err error) {
	return nil, errors.New("locking " + path + ": that needs Linux")
}
