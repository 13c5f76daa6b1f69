package build

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	"github.com/moby/sys/atomicwriter"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/image"
)

// outputs is the folder out/ of a repository:
//
//	images/NAME       the last good OCI layout of a service
//	state/NAME.json   what it was made from, and its sizes
//	work/*            one folder for each build that runs
type outputs struct {
	dir string
}

func newOutputs(root string) outputs { return outputs{dir: filepath.Join(root, "out")} }

func (o outputs) layout(service string) string { return filepath.Join(o.dir, "images", service) }

// Layout is the folder of a service's OCI layout in the repository at root.
func Layout(root, service string) string { return newOutputs(root).layout(service) }

// built is what is known of a service's last good build.
type built struct {
	Key     string                          `json:"key"`
	Digest  string                          `json:"digest"` // of the index
	Engine  string                          `json:"engine"` // that the image was loaded into; empty: none
	Loaded  map[string]string               `json:"loaded"` // tag → the engine's id of the image
	Sizes   map[catalog.Platform]image.Size `json:"sizes"`
	StandIn bool                            `json:"stand_in"` // whether its bases were stand-ins
	Proven  []catalog.Platform              `json:"proven"`   // for which it passed every test
	// Not in the key, because nobody knows them before a build.
	Packages []Package `json:"packages"`
}

// last is what is known of a service; the zero value when nothing is, or when its layout is another one or gone: a killed
// build may have replaced the layout and not what is known of it.
func (o outputs) last(service string) built {
	var b built
	data, err := os.ReadFile(o.state(service))
	if err != nil || json.Unmarshal(data, &b) != nil {
		return built{}
	}
	idx, err := image.Open(o.layout(service))
	if err != nil {
		return built{}
	}
	defer idx.Close()
	if idx.Digest().String() != b.Digest {
		return built{}
	}
	return b
}

func (o outputs) state(service string) string { return filepath.Join(o.dir, "state", service+".json") }

// publish puts an exported layout in the place of a service's last one, together with what is known of it. A build that is
// killed at any moment leaves the one or the other layout, whole.
func (o outputs) publish(service, exported string, b built) (err error) {
	place := o.layout(service)
	for _, file := range []string{place, o.state(service)} {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return fmt.Errorf("publish the image of %s: %w", service, err)
		}
	}
	unlock, err := o.lock()
	if err != nil {
		return fmt.Errorf("publish the image of %s: %w", service, err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := replaceDir(place, exported); err != nil {
		return fmt.Errorf("publish the image of %s: %w", service, err)
	}
	return o.write(service, b)
}

// note changes what is known of a service whose layout stays, unless another build has replaced it meanwhile.
func (o outputs) note(service string, b built) (err error) {
	unlock, err := o.lock()
	if err != nil {
		return fmt.Errorf("note what is known of %s: %w", service, err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if o.last(service).Digest != b.Digest {
		return nil
	}
	return o.write(service, b)
}

func (o outputs) lock() (unlock func() error, err error) {
	lock := flock.New(filepath.Join(o.dir, "state", "lock"))
	if err := lock.Lock(); err != nil {
		return nil, fmt.Errorf("wait for another build: %w", err)
	}
	return lock.Unlock, nil
}

func (o outputs) write(service string, b built) error {
	data, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	return atomicwriter.WriteFile(o.state(service), data, 0o644)
}

// replaceDir renames next to place; what was there goes. Folders cannot be exchanged in one step on every system: when the
// process dies between the two renames, the old one is next to it, and the next call begins by putting it back.
func replaceDir(place, next string) error {
	old := place + ".old"
	if _, err := os.Lstat(place); errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(old, place); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.RemoveAll(old); err != nil {
		return err
	}
	if err := os.Rename(place, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(next, place); err != nil {
		return errors.Join(err, os.Rename(old, place))
	}
	return os.RemoveAll(old)
}
