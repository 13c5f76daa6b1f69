package main

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"example.com/stagecraft/internal/image"
)

// openTar reads a tar of an OCI layout, which docker save writes too since Docker 25, or of docker save before that. It is
// unpacked into a temporary folder: a stream cannot be read in the order of its layers.
func openTar(title string, stream io.Reader) (image.Index, func(), error) {
	folder, err := os.MkdirTemp("", "stagecraft-")
	if err != nil {
		return nil, nil, fmt.Errorf("audit %s: %w", title, err)
	}
	idx, err := readTar(folder, stream)
	clean := closer(idx, err, folder)
	if err != nil {
		clean()
		return nil, nil, fmt.Errorf("audit %s: %w", title, err)
	}
	return idx, clean, nil
}

func readTar(folder string, stream io.Reader) (image.Index, error) {
	archive := filepath.Join(folder, "image.tar")
	unpacked := filepath.Join(folder, "layout")
	file, err := os.Create(archive)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(file, stream)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	if err := unpack(archive, unpacked); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(unpacked, "index.json")); err == nil {
		return image.OpenPartial(unpacked)
	}
	img, err := tarball.ImageFromPath(archive, nil)
	if err != nil {
		return nil, fmt.Errorf("it is neither an OCI layout nor the output of docker save for one image: %w", err)
	}
	return image.FromImage(img)
}

// unpack writes the files of an archive below a folder, and nothing outside it.
func unpack(archive, folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	entries := tar.NewReader(file)
	for {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the tar: %w", err)
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		name := filepath.FromSlash(filepath.Clean(header.Name))
		if err := root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		out, err := root.Create(name)
		if err != nil {
			return err
		}
		_, err = io.Copy(out, entries) //nolint:gosec // not compressed: no larger than the archive
		if err := errors.Join(err, out.Close()); err != nil {
			return err
		}
	}
}
