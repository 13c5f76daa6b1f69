package audit

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/image"
)

var privilege = &rule{Rule: finding.Rule{
	Key:      "privilege",
	Images:   true,
	Practice: "The image runs as a user that is a number, not root, cannot gain privileges, and can write only to run.tmpfs.",
	Why: "An intruder who can write can change the program that runs next; a setuid file or a file capability gives an ordinary " +
		"user more rights. If nothing needs to be written, the root file system can be read-only.",
	Source: "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
	Fix: "Write USER 65532:65532; COPY without --chown, so that root owns the files; chmod -R u-s,g-s,go-w in the builder; list " +
		"what must be writable under run.tmpfs in service.yaml. Without a service.yaml, world-writable folders with the sticky " +
		"bit, such as /tmp, are ignored.",
	Bad:  "FROM scratch AS runtime\nCOPY --chown=65532:65532 --from=build /app /app\nUSER 65532:65532\n",
	Good: "FROM scratch AS runtime\nCOPY --from=build /app /app\nUSER 65532:65532\n",
}, check: checkPrivilege}

func checkPrivilege(i *Image, found atPath) {
	name := i.RunConfig().User
	runs := i.identity()
	number, _, _ := strings.Cut(name, ":")
	_, err := strconv.Atoi(number)
	switch {
	case name == "":
		found("", "runs as root: it has no USER", "write USER 65532:65532")
	case runs.isRoot():
		found("", "runs as root", "write USER 65532:65532")
	case err != nil:
		found("", "runs as the named user "+name, "write its numbers, such as USER 65532:65532")
	}
	reported := map[string]bool{} // folders: what is in them needs no finding of its own
	for _, e := range i.Tree.Entries() {
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
		if belowAny(e.Path, reported) || !runs.mayWrite(e) || i.mayBeWritten(e) {
			continue
		}
		found(e.Path, fmt.Sprintf("can be written by the image's user: mode %v, owner %d:%d", e.Mode, e.UID, e.GID),
			"leave it to root (COPY without --chown), chmod go-w, or list it under run.tmpfs")
		if e.Mode.IsDir() {
			reported[e.Path] = true
		}
	}
}

// belowAny reports whether a path is below one of the folders.
func belowAny(p string, folders map[string]bool) bool {
	for p != "/" {
		if p = path.Dir(p); folders[p] {
			return true
		}
	}
	return false
}

// mayBeWritten reports whether an entry is hidden by a tmpfs, or is one of the folders that every system has for this.
func (i *Image) mayBeWritten(e image.Entry) bool {
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
