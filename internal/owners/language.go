package owners

import (
	"encoding/csv"
	"encoding/json"
	"path"
	"strings"

	"example.com/stagecraft/internal/rootfs"
)

// addWheels reads the RECORD of each Python distribution. One that was built from a folder is the service's own code, or shared
// with other services.
// Sources: https://packaging.python.org/en/latest/specifications/recording-installed-packages/ and .../direct-url/
func (o *Owners) addWheels(i *rootfs.FS) {
	for _, e := range i.Names {
		dir := path.Dir(e.Path)
		if path.Base(e.Path) != "RECORD" || !strings.HasSuffix(dir, ".dist-info") {
			continue
		}
		metadata := i.Text(dir + "/METADATA")
		owner := Owner{"python", Field(metadata, "Name"), Field(metadata, "Version")}
		if owner.Name == "" {
			owner.Name, owner.Version, _ = strings.Cut(strings.TrimSuffix(path.Base(dir), ".dist-info"), "-")
		}
		var from struct{ URL string }
		if json.Unmarshal([]byte(i.Text(dir+"/direct_url.json")), &from) == nil && strings.HasPrefix(from.URL, "file:") {
			owner.Kind = "service"
		}
		rows := csv.NewReader(strings.NewReader(i.Text(e.Path)))
		rows.FieldsPerRecord = -1
		for {
			row, err := rows.Read()
			if err != nil {
				break
			}
			if len(row) == 0 || row[0] == "" {
				continue
			}
			name := row[0]
			if !path.IsAbs(name) {
				name = path.Join(path.Dir(dir), name)
			}
			o.set(i, name, owner)
		}
		o.Inside = append(o.Inside, folder{dir, owner})
	}
}

// addNpm owns the folder of each package in a node_modules.
func (o *Owners) addNpm(i *rootfs.FS) {
	for _, e := range i.Names {
		dir := path.Dir(e.Path)
		parent := path.Dir(dir)
		if strings.HasPrefix(path.Base(parent), "@") {
			parent = path.Dir(parent)
		}
		if path.Base(e.Path) != "package.json" || path.Base(parent) != "node_modules" {
			continue
		}
		var p struct{ Name, Version string }
		if json.Unmarshal([]byte(i.Text(e.Path)), &p) != nil || p.Name == "" {
			continue
		}
		o.Inside = append(o.Inside, folder{dir, Owner{"npm", p.Name, p.Version}})
	}
}

// addService owns the application's own folders: where it starts, and where the files are that it starts with.
func (o *Owners) addService(i *rootfs.FS, name string, folders []string) {
	owner := Owner{Kind: "service", Name: name}
	mine := func(dir string) {
		if dir != "/" && !systemFolders[dir] && !strings.HasPrefix(dir, "/usr/lib") {
			o.Inside = append(o.Inside, folder{dir, owner})
		}
	}
	words := i.Command()
	if dir := i.RunConfig().WorkingDir; dir != "" {
		mine(path.Clean(dir))
	}
	for n, word := range words {
		if !path.IsAbs(word) {
			continue
		}
		e, err := i.Tree.Resolve(word)
		if err != nil || !e.Mode.IsRegular() {
			continue
		}
		if _, known := o.of(e.Path); known {
			continue
		}
		if n == 0 && len(words) > 1 && systemFolders[path.Dir(e.Path)] {
			continue // an interpreter
		}
		o.byPath[e.Path] = owner
		mine(serviceRoot(path.Dir(e.Path)))
	}
	for _, dir := range folders {
		mine(dir)
	}
}

// serviceRoot is the folder of an application whose built files are in one of the usual subfolders.
func serviceRoot(dir string) string {
	for _, sub := range []string{"/dist", "/build", "/bin", "/src", "/lib"} {
		if up, ok := strings.CutSuffix(dir, sub); ok && up != "" && !systemFolders[up] {
			return up
		}
	}
	return dir
}

// systemFolders hold files of everyone.
var systemFolders = map[string]bool{
	"/bin": true, "/sbin": true, "/usr": true, "/usr/bin": true, "/usr/sbin": true, "/usr/local": true, "/usr/local/bin": true,
	"/usr/local/sbin": true, "/etc": true, "/lib": true, "/opt": true, "/home": true, "/root": true, "/srv": true, "/var": true, "/tmp": true,
}
