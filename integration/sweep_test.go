package integration

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/moby/moby/client"
)

// The labels by which what a test has made is found again where Ryuk is not there to remove it.
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
	path, err := filepath.EvalSymlinks(root)
	if err != nil {
		return owner{}, err
	}
	host, err := os.Hostname()
	if err != nil {
		return owner{}, err
	}
	sum := sha256.Sum256([]byte(host + "\x00" + path))
	return owner{checkout: hex.EncodeToString(sum[:6]), process: os.Getpid()}, nil
}

func (o owner) labels() map[string]string {
	return map[string]string{labelCheckout: o.checkout, labelProcess: strconv.Itoa(o.process)}
}

// leftover reports whether something with these labels is of the same checkout and no longer in use: its process is this
// one, which asks when it is done, or one that has ended. A run in another terminal keeps its containers.
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

// sweep removes every container, network and image that this process, or an earlier one of this checkout, has left.
func (l *laboratory) sweep(ctx context.Context) (removed int, err error) {
	ours := client.Filters{}.Add("label", labelCheckout+"="+l.owner.checkout)
	containers, err := l.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: ours})
	if err != nil {
		return 0, fmt.Errorf("listing containers of earlier runs: %w", err)
	}
	networks, err := l.api.NetworkList(ctx, client.NetworkListOptions{Filters: ours})
	if err != nil {
		return 0, fmt.Errorf("listing networks of earlier runs: %w", err)
	}
	images, err := l.api.ImageList(ctx, client.ImageListOptions{Filters: ours})
	if err != nil {
		return 0, fmt.Errorf("listing images of earlier runs: %w", err)
	}
	var problems []error
	count := func(err error) {
		if err == nil {
			removed++
		}
		problems = append(problems, err)
	}
	for _, c := range containers.Items {
		if l.owner.leftover(c.Labels) {
			_, err := l.api.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
			count(err)
		}
	}
	for _, n := range networks.Items {
		if l.owner.leftover(n.Labels) {
			_, err := l.api.NetworkRemove(ctx, n.ID, client.NetworkRemoveOptions{})
			count(err)
		}
	}
	for _, i := range images.Items {
		if l.owner.leftover(i.Labels) {
			_, err := l.api.ImageRemove(ctx, i.ID, client.ImageRemoveOptions{Force: true, PruneChildren: true})
			count(err)
		}
	}
	return removed, errors.Join(problems...)
}

func TestLeftover(t *testing.T) {
	ended := exec.CommandContext(t.Context(), "go", "version")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	me, err := ownerOf(".")
	if err != nil {
		t.Fatal(err)
	}
	other, err := ownerOf(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	of := func(checkout string, process int) map[string]string {
		return map[string]string{labelCheckout: checkout, labelProcess: strconv.Itoa(process)}
	}
	for name, test := range map[string]struct {
		labels map[string]string
		want   bool
	}{
		"of this run":           {me.labels(), true},
		"of an earlier run":     {of(me.checkout, ended.Process.Pid), true},
		"process is unreadable": {map[string]string{labelCheckout: me.checkout}, true},
		// The parent is the go command, which waits for this test.
		"of a run under way":  {of(me.checkout, os.Getppid()), false},
		"of another checkout": {of(other.checkout, ended.Process.Pid), false},
		"without our labels":  {map[string]string{"a": "b"}, false},
	} {
		if got := me.leftover(test.labels); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}
