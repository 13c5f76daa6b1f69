package owners

import (
	"path"
	"strings"

	"example.com/stagecraft/internal/rootfs"
)

// addDebian reads dpkg's records: /var/lib/dpkg/status with its lists of files, or one file a package in status.d, as
// distroless images have it. Source: https://github.com/GoogleContainerTools/distroless/blob/main/PACKAGE_METADATA.md
func (o *Owners) addDebian(i *rootfs.FS) {
	const dir = "/var/lib/dpkg"
	for _, stanza := range strings.Split(i.Text(dir+"/status"), "\n\n") {
		owner := debianPackage(stanza)
		if owner.Name == "" {
			continue
		}
		o.Debian[owner] = stanza
		for _, list := range []string{owner.Name, owner.Name + ":" + Field(stanza, "Architecture")} {
			o.addList(i, dir+"/info/"+list+".list", owner, wholeLine)
			o.addConffiles(i, stanza, owner)
		}
	}
	for _, e := range i.Names {
		if path.Dir(e.Path) != dir+"/status.d" || strings.HasSuffix(e.Path, ".md5sums") {
			continue
		}
		stanza := i.Text(e.Path)
		if owner := debianPackage(stanza); owner.Name != "" {
			o.Debian[owner] = stanza
			o.set(i, e.Path, owner)
			o.set(i, e.Path+".md5sums", owner)
			o.addList(i, e.Path+".md5sums", owner, behindSum)
			o.addConffiles(i, stanza, owner)
			o.set(i, "/usr/share/doc/"+owner.Name+"/copyright", owner)
		}
	}
	o.Inside = append(o.Inside, folder{dir, o.installed("dpkg")})
}

// installed is the package of the OS that has a name; without a version, when no record has it.
func (o *Owners) installed(name string) Owner {
	for owner := range o.Debian {
		if owner.Name == name {
			return owner
		}
	}
	return Owner{Kind: "os", Name: name}
}

func debianPackage(stanza string) Owner {
	return Owner{"os", Field(stanza, "Package"), Field(stanza, "Version")}
}

// Field is a field of a Debian control stanza, or of a file of headers.
func Field(stanza, name string) string {
	for line := range strings.Lines(stanza) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func (o *Owners) addList(i *rootfs.FS, list string, owner Owner, file func(line string) string) {
	for line := range strings.Lines(i.Text(list)) {
		if name := file(strings.TrimRight(line, "\r\n")); name != "" {
			o.set(i, name, owner)
		}
	}
}

func wholeLine(line string) string { return line }

// behindSum is the file of a line of md5sum's output.
func behindSum(line string) string {
	_, name, _ := strings.Cut(line, "  ")
	return name
}

// addConffiles reads the configuration files of a package, which md5sums does not list.
func (o *Owners) addConffiles(i *rootfs.FS, stanza string, owner Owner) {
	_, rest, ok := strings.Cut(stanza, "Conffiles:\n")
	if !ok {
		return
	}
	for line := range strings.Lines(rest) {
		if !strings.HasPrefix(line, " ") {
			return
		}
		if words := strings.Fields(line); len(words) > 0 {
			o.set(i, words[0], owner)
		}
	}
}

// addAlpine reads apk's record. Source: https://wiki.alpinelinux.org/wiki/Apk_spec#Installed_Database_V2
func (o *Owners) addAlpine(i *rootfs.FS) {
	for _, db := range []string{"/lib/apk/db/installed", "/usr/lib/apk/db/installed"} {
		var owner Owner
		dir := ""
		for line := range strings.Lines(i.Text(db)) {
			line = strings.TrimRight(line, "\n")
			key, value, _ := strings.Cut(line, ":")
			switch key {
			case "":
				owner = Owner{}
			case "P":
				owner = Owner{Kind: "os", Name: value}
			case "V":
				owner.Version = value
			case "F":
				dir = value
			case "R":
				o.set(i, path.Join("/", dir, value), owner)
			}
		}
		o.Inside = append(o.Inside, folder{path.Dir(path.Dir(db)), Owner{Kind: "os", Name: "apk-tools"}})
	}
}

// RpmDatabase is the file in which RPM records the packages of an image, "" when there is none. It is not read: it is
// one of SQLite, of Berkeley DB or of RPM's own, by its age. Source: https://github.com/anchore/syft/blob/main/syft/pkg/rpm.go
func (o *Owners) RpmDatabase() string {
	for _, dir := range []string{"/usr/lib/sysimage/rpm", "/var/lib/rpm", "/usr/share/rpm"} {
		for _, name := range []string{"rpmdb.sqlite", "Packages.db", "Packages"} {
			if e, err := o.root.Tree.Resolve(path.Join(dir, name)); err == nil && e.Mode.IsRegular() {
				return e.Path
			}
		}
	}
	return ""
}
