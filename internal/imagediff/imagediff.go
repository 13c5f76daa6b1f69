// Package imagediff compares two builds of the same sources: their images must be the same bit for bit, or it says, in terms of
// files, what is not.
package imagediff

import (
	"cmp"
	"fmt"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"example.com/stagecraft/internal/image"
)

// Compare compares two images platform by platform. It returns the first difference of each platform that has one: nothing,
// when manifests are equal, which they are only when all that they name is.
func Compare(a, b image.Index) ([]Difference, error) {
	first, second := byPlatform(a), byPlatform(b)
	var found []Difference
	for _, i := range a.Images() {
		other, ok := second[i.Platform()]
		if !ok {
			found = append(found, Difference{Platform: i.Platform(), Kind: Platforms, Before: "built"})
			continue
		}
		if i.Digest() == other.Digest() {
			continue
		}
		d, err := compareImages(i, other)
		if err != nil {
			return nil, err
		}
		d.Platform = i.Platform()
		found = append(found, d)
	}
	for _, i := range b.Images() {
		if first[i.Platform()] == nil {
			found = append(found, Difference{Platform: i.Platform(), Kind: Platforms, After: "built"})
		}
	}
	slices.SortStableFunc(found, func(a, b Difference) int { return cmp.Compare(a.Platform, b.Platform) })
	return found, nil
}

func byPlatform(idx image.Index) map[string]image.Image {
	all := map[string]image.Image{}
	for _, i := range idx.Images() {
		all[i.Platform()] = i
	}
	return all
}

// compareImages finds the first difference of images that have one. Files come first: a different layer makes the
// configuration differ too. Compression comes last: it may differ in images that are to be the same in all else.
func compareImages(a, b image.Image) (Difference, error) {
	layers, others := a.Layers(), b.Layers()
	if d, ok, err := firstLayer(layers, others, image.Layer.DiffID); ok || err != nil {
		return d, err
	}
	if len(layers) != len(others) {
		return Difference{Kind: Layers, Before: fmt.Sprint(len(layers)), After: fmt.Sprint(len(others))}, nil
	}
	if d, ok := compareFields(Config, a.Config(), b.Config()); ok {
		return d, nil
	}
	if d, ok, err := firstLayer(layers, others, image.Layer.Digest); ok || err != nil {
		return d, err
	}
	if d, ok := compareFields(Manifest, a.Manifest(), b.Manifest()); ok {
		return d, nil
	}
	return Difference{Kind: Manifest, Before: a.Digest().String(), After: b.Digest().String()}, nil
}

// firstLayer compares the first layers that have not the same digest.
func firstLayer(layers, others []image.Layer, digest func(image.Layer) v1.Hash) (Difference, bool, error) {
	for n := range min(len(layers), len(others)) {
		if digest(layers[n]) == digest(others[n]) {
			continue
		}
		d, err := compareLayers(layers[n], others[n])
		d.Layer, d.Layers = n+1, len(layers)
		return d, true, err
	}
	return Difference{}, false, nil
}
