package rules

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"example.com/stagecraft/internal/image"
)

var privilege = &Rule{
	Key:      "privilege",
	Practice: "The image runs as a numbered user that is not root, who can gain no privilege and write nothing but run.tmpfs.",
	Why: "An intruder who can write changes the program that runs next; a setuid file or a file capability makes a plain user more than " +
		"that. With nothing to write, the root file system can be read-only.",
	Source: "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
	Mend: "USER 65532:65532; COPY without --chown, so that files stay root's; chmod -R u-s,g-s,go-w in the builder; list what must be writable under run.tmpfs in " +
		"service.yaml. Without a service.yaml, world-writable folders with the sticky bit, such as /tmp, are let be.",
	Bad:        "FROM scratch AS runtime\nCOPY --chown=65532:65532 --from=build /app /app\nUSER 65532:65532\n",
	Good:       "FROM scratch AS runtime\nCOPY --from=build /app /app\nUSER 65532:65532\n",
	checkImage: checkPrivilege,
}

func checkPrivilege(i *Image, found atPath) {
	name := i.config().User
	uid, gid, isNumber := userIDs(name)
	known := isNumber
	if !isNumber {
		uid, gid, known = i.lookupUser(name)
	}
	switch {
	case name == "":
		found("", "runs as root: it has no USER", "write USER 65532:65532")
	case !isNumber:
		found("", "runs as the named user "+name, "write its numbers, such as USER 65532:65532")
	case known && uid == 0:
		found("", "runs as root", "write USER 65532:65532")
	}
	reported := "" // a folder above: what is in it needs no finding of its own
	for _, e := range i.tree.Entries() {
		if e.HardLink {
			continue
		}
		if e.Mode&(fs.ModeSetuid|fs.ModeSetgid) != 0 && e.Mode.IsRegular() {
			found(e.Path, fmt.Sprintf("has the mode %v: whoever starts it gets its owner's rights", e.Mode), "chmod u-s,g-s in the builder, or leave it out")
		}
		if e.XAttrs["security.capability"] != "" {
			found(e.Path, "has file capabilities", "setcap -r in the builder, or copy it with a tool that drops them")
		}
		if e.Mode&(fs.ModeDevice|fs.ModeCharDevice) != 0 {
			found(e.Path, "is a device", "leave it out: the engine makes the devices of a container")
			continue
		}
		if reported != "" && strings.HasPrefix(e.Path, reported+"/") || !writable(e, uid, gid, known) || i.mayWrite(e) {
			continue
		}
		found(e.Path, fmt.Sprintf("can be written by the image's user: mode %v, owner %d:%d", e.Mode, e.UID, e.GID),
			"leave it to root (COPY without --chown), chmod go-w, or list it under run.tmpfs")
		if e.Mode.IsDir() {
			reported = e.Path
		}
	}
}

// userIDs are the numbers of a USER. The group is the user's own when none is given and the user has no entry: root's.
func userIDs(user string) (uid, gid int, ok bool) {
	name, group, _ := strings.Cut(user, ":")
	uid, err := strconv.Atoi(name)
	if err != nil {
		return 0, 0, false
	}
	gid, _ = strconv.Atoi(group)
	return uid, gid, true
}

// lookupUser finds the numbers of a named user in the image.
func (i *Image) lookupUser(user string) (uid, gid int, ok bool) {
	name, _, _ := strings.Cut(user, ":")
	for line := range strings.Lines(i.text("/etc/passwd")) {
		fields := strings.Split(strings.TrimSpace(line), ":")
		if len(fields) >= 4 && fields[0] == name && name != "" {
			return userIDs(fields[2] + ":" + fields[3])
		}
	}
	return 0, 0, false
}

// writable tells whether the user may write an entry. Root may write all of them, which is said once, about the user.
func writable(e image.Entry, uid, gid int, known bool) bool {
	if e.Mode&fs.ModeSymlink != 0 {
		return false
	}
	mode := e.Mode.Perm()
	switch {
	case known && uid != 0 && e.UID == uid:
		return mode&0o200 != 0
	case known && uid != 0 && e.GID == gid:
		return mode&0o020 != 0
	default:
		return mode&0o002 != 0
	}
}

// mayWrite tells whether an entry is hidden by a tmpfs, or is one of the folders that every system has for this.
func (i *Image) mayWrite(e image.Entry) bool {
	if i.Service == nil {
		return e.Mode.IsDir() && e.Mode&fs.ModeSticky != 0
	}
	for _, dir := range append([]string{"/dev/shm"}, i.Service.Run.Tmpfs...) {
		dir = path.Clean(dir)
		if e.Path == dir || strings.HasPrefix(e.Path, dir+"/") {
			return true
		}
	}
	return false
}
