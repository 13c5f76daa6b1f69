//go:build !linux

package lock

import "errors"

// Take fails: what it guards is made on Linux only.
func Take(path string, wait func()) (unlock func(), err error) {
	return nil, errors.New("locking " + path + ": that needs Linux")
}
