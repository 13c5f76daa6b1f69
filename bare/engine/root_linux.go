package engine

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// authorities is where Debian keeps the certificate authorities that this
// machine trusts, a company's own among them.
const authorities = "/etc/ssl/certs/ca-certificates.crt"

// writeRoot writes a root file system with programs in usr/bin, the shared
// libraries that they were linked to here, and this machine's authorities. It
// returns a sum of the whole.
func writeRoot(ctx context.Context, file string, programs ...string) (sum string, err error) {
	places := map[string]string{} // in the root → here
	for _, p := range programs {
		places["usr/bin/"+filepath.Base(p)] = p
		libraries, err := linked(ctx, p)
		if err != nil {
			return "", err
		}
		for _, l := range libraries {
			places[strings.TrimPrefix(l, "/")] = l
		}
	}
	if _, err := os.Stat(authorities); err == nil {
		places[strings.TrimPrefix(authorities, "/")] = authorities
	}
	out, err := os.Create(file + ".new")
	if err != nil {
		return "", err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	hash := sha256.New()
	w := tar.NewWriter(io.MultiWriter(out, hash))
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777}); err != nil {
		return "", err
	}
	for _, place := range slices.Sorted(maps.Keys(places)) {
		if err := addFile(w, place, places[place]); err != nil {
			return "", err
		}
	}
	if err := errors.Join(w.Close(), out.Close()); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), os.Rename(out.Name(), file)
}

func addFile(w *tar.Writer, place, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if err := w.WriteHeader(&tar.Header{Name: place, Mode: int64(info.Mode() & fs.ModePerm), Size: info.Size()}); err != nil {
		return err
	}
	_, err = io.Copy(w, in)
	return err
}

// libraryPath is a library's place, in a line of ldd: "libc.so.6 => /lib/libc.so.6 (0x…)" or "/lib64/ld.so (0x…)".
var libraryPath = regexp.MustCompile(`(?m)^\s+(?:\S+ => )?(/\S+) \(0x`)

// linked lists the shared libraries of a program, none for one that needs none.
func linked(ctx context.Context, program string) ([]string, error) {
	out, err := exec.CommandContext(ctx, "ldd", program).CombinedOutput()
	if strings.Contains(string(out), "not a dynamic executable") {
		return nil, nil
	}
	if err == nil && strings.Contains(string(out), "not found") {
		err = errors.New("not all are there")
	}
	if err != nil {
		return nil, fmt.Errorf("finding the libraries of %s: %w: %s", program, err, strings.TrimSpace(string(out)))
	}
	var found []string
	for _, m := range libraryPath.FindAllStringSubmatch(string(out), -1) {
		found = append(found, m[1])
	}
	return found, nil
}
