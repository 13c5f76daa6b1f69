package audit

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
)

// nodePackage is the folder of a package in a node_modules, the deepest one that a path is in.
var nodePackage = regexp.MustCompile(`^.*/node_modules/(@[^/]+/)?[^/]+/`)

// belowNodePackage is a path relative to the package that it belongs to.
func belowNodePackage(p string) (below string, ok bool) {
	folder := nodePackage.FindString(p)
	return p[len(folder):], folder != ""
}

// typeScript is what Node.js runs without compiling it, outside of node_modules.
var typeScript = regexp.MustCompile(`\.[cm]?ts$`)

// loadedByNode reports whether Node.js loads a file that would be taken for a test or for a source: its package's manifest names
// the folder, or the service is started from TypeScript.
func (i *Image) loadedByNode(p string) bool {
	below, ok := belowNodePackage(p)
	if !ok {
		return typeScript.MatchString(p) && slices.ContainsFunc(i.Command(), typeScript.MatchString)
	}
	first, _, deeper := strings.Cut(below, "/")
	var manifest struct{ Main, Exports, Imports, Bin json.RawMessage }
	if !deeper || json.Unmarshal([]byte(i.Text(path.Join(strings.TrimSuffix(p, below), "package.json"))), &manifest) != nil {
		return false
	}
	return slices.ContainsFunc([]json.RawMessage{manifest.Main, manifest.Exports, manifest.Imports, manifest.Bin}, func(text json.RawMessage) bool {
		return strings.Contains(string(text), first+"/") && slices.Contains(testFolder, first)
	})
}
