package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"example.com/stagecraft/internal/image"
)

// open finds the image that a word means: a folder, a file, an image of the engine, or one in a registry, in this order.
// clean frees what it took.
func open(ctx context.Context, word string) (idx image.Index, clean func(), err error) {
	info, err := os.Stat(word)
	switch {
	case err == nil && info.IsDir():
		idx, err = image.Open(word)
		return idx, closer(idx, err, ""), err
	case err == nil:
		file, err := os.Open(word)
		if err != nil {
			return nil, nil, fmt.Errorf("audit: %w", err)
		}
		defer file.Close()
		return openTar(word, file)
	case looksLikePath(word):
		return nil, nil, fmt.Errorf("audit %s: %w", word, errors.Unwrap(err))
	}
	ref, err := name.ParseReference(word)
	if err != nil {
		return nil, nil, fmt.Errorf("audit %s: neither a file nor a reference: %w", word, err)
	}
	idx, clean, fromEngine := openEngine(ctx, word)
	if fromEngine == nil {
		return idx, clean, nil
	}
	idx, err = openRegistry(ctx, ref)
	if err != nil {
		return nil, nil, fmt.Errorf("audit %s: no such file; the engine: %w; the registry: %w", word, fromEngine, err)
	}
	return idx, closer(idx, nil, ""), nil
}

func looksLikePath(word string) bool {
	return strings.HasPrefix(word, ".") || filepath.IsAbs(word) || strings.HasSuffix(word, ".tar") || !fs.ValidPath(strings.ReplaceAll(word, ":", ""))
}

// closer closes an index and removes a temporary folder.
func closer(idx image.Index, err error, folder string) func() {
	return func() {
		if err == nil && idx != nil {
			_ = idx.Close()
		}
		if folder != "" {
			_ = os.RemoveAll(folder)
		}
	}
}

// openRegistry reads an image where it is; layers are downloaded once, as they are looked at.
func openRegistry(ctx context.Context, ref name.Reference) (image.Index, error) {
	desc, err := remote.Get(ref, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain))
	if err != nil {
		return nil, err
	}
	if desc.MediaType.IsIndex() {
		root, err := desc.ImageIndex()
		if err != nil {
			return nil, err
		}
		return image.FromIndex(root)
	}
	img, err := desc.Image()
	if err != nil {
		return nil, err
	}
	return image.FromImage(img)
}
