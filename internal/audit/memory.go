package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/moby/sys/atomicwriter"

	"example.com/stagecraft/internal/owners"
)

// memory is what an image of a service was made of at the last build and at the one before.
type memory struct {
	file string
	lock sync.Mutex

	Digest   string                          `json:"digest"`
	Now      map[string][]owners.Contributor `json:"now"` // by platform
	Previous map[string][]owners.Contributor `json:"previous"`
}

// openMemory reads what is remembered. When the image is another one, what was now becomes previous. What cannot be read
// is forgotten: it only makes a message richer.
func openMemory(file, digest string) *memory {
	m := &memory{}
	if data, err := os.ReadFile(file); err == nil {
		if json.Unmarshal(data, m) != nil {
			m = &memory{}
		}
	}
	m.file = file
	if m.Digest != digest {
		m.Digest, m.Previous, m.Now = digest, m.Now, nil
	}
	if m.Now == nil {
		m.Now = map[string][]owners.Contributor{}
	}
	return m
}

// before is what the image of a platform was made of at the build before; nil when that is not known.
func (m *memory) before(platform string) []owners.Contributor {
	if m == nil {
		return nil
	}
	return m.Previous[platform]
}

func (m *memory) note(platform string, contributors []owners.Contributor) {
	if m == nil {
		return
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	m.Now[platform] = contributors
}

func (m *memory) save() error {
	data, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("remember %s: %w", m.file, err)
	}
	if old, err := os.ReadFile(m.file); err == nil && bytes.Equal(old, data) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(m.file), 0o755); err != nil {
		return fmt.Errorf("remember what images are made of: %w", err)
	}
	if err := atomicwriter.WriteFile(m.file, data, 0o644); err != nil {
		return fmt.Errorf("remember what images are made of: %w", err)
	}
	return nil
}
