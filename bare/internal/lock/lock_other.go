//go:build !linux

// Package lock lets one command at a time do a piece of work.
package lock

import "errors"

// Take fails: what it guards is made on Linux only.
func Take(path string, _ func()) (unlock func(), err error) {
	return nil, errors.New("locking " + path + ": that needs Linux")
}
