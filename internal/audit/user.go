package audit

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"example.com/stagecraft/internal/image"
)

// identity is whom an image runs as.
type identity struct {
	known  bool // the image gives the number
	id     int
	groups []int
}

// identity finds the numbers of USER as the engine does: even of a number it takes the group from /etc/passwd, and root's only
// where there is no entry. Source: https://github.com/moby/sys/blob/main/user/user.go, GetExecUser
func (i *Image) identity() identity {
	name, group, _ := strings.Cut(i.RunConfig().User, ":")
	if name == "" {
		name = "0"
	}
	var u identity
	login := ""
	if id, err := strconv.Atoi(name); err == nil || name == "root" {
		u = identity{true, id, []int{0}}
	}
	for _, entry := range i.accounts("/etc/passwd") {
		if isAccount(entry, name) {
			id, _ := strconv.Atoi(entry[2])
			gid, _ := strconv.Atoi(entry[3])
			u, login = identity{true, id, []int{gid}}, entry[0]
			break
		}
	}
	if group != "" {
		u.groups = i.groups(group)
		return u
	}
	for _, entry := range i.accounts("/etc/group") {
		if login != "" && slices.Contains(strings.Split(entry[3], ","), login) {
			gid, _ := strconv.Atoi(entry[2])
			u.groups = append(u.groups, gid)
		}
	}
	return u
}

// groups is the number of a group; none when it is a name that the image does not know, with which nothing starts.
func (i *Image) groups(group string) []int {
	if gid, err := strconv.Atoi(group); err == nil {
		return []int{gid}
	}
	for _, entry := range i.accounts("/etc/group") {
		if isAccount(entry, group) {
			gid, _ := strconv.Atoi(entry[2])
			return []int{gid}
		}
	}
	return nil
}

// accounts are the fields of each line of /etc/passwd or /etc/group; both have the name first and the number third.
func (i *Image) accounts(file string) [][]string {
	var all [][]string
	for line := range strings.Lines(i.Text(file)) {
		if fields := strings.Split(strings.TrimSpace(line), ":"); len(fields) >= 4 {
			all = append(all, fields)
		}
	}
	return all
}

// isAccount reports whether an entry is of that name, or of that number if it is one.
func isAccount(entry []string, name string) bool {
	if _, err := strconv.Atoi(name); err == nil {
		return entry[2] == name
	}
	return entry[0] == name
}

func (u identity) isRoot() bool { return u.known && u.id == 0 }

// may reports whether an entry grants a right, in the place of everyone's: 4, 2 or 1.
func (u identity) may(right fs.FileMode, e image.Entry) bool {
	switch mode := e.Mode.Perm(); {
	case u.known && u.id == e.UID:
		return mode&(right<<6) != 0
	case slices.Contains(u.groups, e.GID):
		return mode&(right<<3) != 0
	default:
		return mode&right != 0
	}
}

// mayWrite reports whether the user may write an entry. Root may write all of them, which is said once, about the user.
func (u identity) mayWrite(e image.Entry) bool {
	if u.isRoot() {
		u = identity{}
	}
	return e.Mode&fs.ModeSymlink == 0 && u.may(0o2, e)
}

// mayExecute reports whether the user may execute a file; of a user whom the image does not know, whether anyone may.
func (u identity) mayExecute(e image.Entry) bool {
	if u.isRoot() || !u.known {
		return e.Mode.Perm()&0o111 != 0
	}
	return u.may(0o1, e)
}

// maySearch reports whether the user may look names up in a folder.
func (u identity) maySearch(folder image.Entry) bool {
	return u.isRoot() || !u.known || u.may(0o1, folder)
}

// mayRead reports whether the user may read a file.
func (u identity) mayRead(e image.Entry) bool { return u.isRoot() || !u.known || u.may(0o4, e) }
