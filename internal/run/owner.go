package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/moby/moby/client"
)

// The labels by which a container's checkout and process are found again.
const (
	labelCheckout = "com.example.stagecraft.checkout"
	labelProcess  = "com.example.stagecraft.process"
)

// owner is whom a container belongs to: a checkout, and a process working in it.
type owner struct {
	checkout string
	process  int
}

// ownerOf is this process, working in the checkout at root. The host's name is part of it: two machines may share an engine
// and have their checkouts at the same path.
func ownerOf(root string) (owner, error) {
	path, err := filepath.Abs(root)
	if err != nil {
		return owner{}, fmt.Errorf("naming the checkout at %s: %w", root, err)
	}
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	host, err := os.Hostname()
	if err != nil {
		return owner{}, fmt.Errorf("naming the checkout at %s: %w", root, err)
	}
	sum := sha256.Sum256([]byte(host + "\x00" + path))
	return owner{checkout: hex.EncodeToString(sum[:6]), process: os.Getpid()}, nil
}

func (o owner) labels() map[string]string {
	return map[string]string{labelCheckout: o.checkout, labelProcess: strconv.Itoa(o.process)}
}

// leftover tells whether a container with these labels is of the same checkout and nobody's any more: its process is this
// one, which asks when it is done, or one that is gone. A run that is under way in another terminal keeps its containers.
func (o owner) leftover(labels map[string]string) bool {
	if labels[labelCheckout] != o.checkout {
		return false
	}
	process, err := strconv.Atoi(labels[labelProcess])
	return err != nil || process == o.process || !alive(process)
}

func alive(pid int) bool {
	process, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	defer func() { _ = process.Release() }() // it only frees memory
	return !errors.Is(process.Signal(syscall.Signal(0)), os.ErrProcessDone)
}

// Sweep removes every container and every image that this process, or a former one of this checkout, has labelled and left
// behind, and tells how many there were. Call it before the first container and after the last.
func (r *Runner) Sweep(ctx context.Context) (int, error) {
	ours := client.Filters{}.Add("label", labelCheckout+"="+r.owner.checkout)
	containers, err := r.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: ours})
	if err != nil {
		return 0, fmt.Errorf("looking for containers left by a former run: %w", err)
	}
	images, err := r.api.ImageList(ctx, client.ImageListOptions{Filters: ours})
	if err != nil {
		return 0, fmt.Errorf("looking for images left by a former run: %w", err)
	}
	var removed int
	var problems []error
	count := func(err error) {
		if err == nil {
			removed++
		}
		problems = append(problems, err)
	}
	for _, c := range containers.Items {
		if r.owner.leftover(c.Labels) {
			count(r.remove(ctx, c.ID))
		}
	}
	for _, i := range images.Items {
		if r.owner.leftover(i.Labels) {
			_, err := r.api.ImageRemove(ctx, i.ID, client.ImageRemoveOptions{Force: true, PruneChildren: true})
			count(err)
		}
	}
	return removed, errors.Join(problems...)
}
