package audit

import (
	"cmp"
	"fmt"
	"path"
	"slices"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/finding"
)

var attributable = &rule{Rule: finding.Rule{
	Key:      "attributable",
	Images:   true,
	Practice: "Every byte belongs to a recorded package, a Go module, a wheel, an npm package, a program that names itself, or the service.",
	Why: "Scanners find vulnerabilities only in recorded packages. A file without a record is never scanned or updated, and nobody " +
		"knows where it comes from.",
	Source: "https://github.com/GoogleContainerTools/distroless/blob/main/PACKAGE_METADATA.md",
	Fix: "Unpack Debian packages with a record in /var/lib/dpkg/status.d (PKG and PKG.md5sums); keep dist-info and package.json; build Go programs as modules; link C with " +
		"-Wl,--package-metadata. Up to 64 kB or one percent of the image may be without. The rule does not apply to an image with a database of RPM (UBI, Fedora, Rocky, " +
		"Amazon Linux, openSUSE), which it does not read: a note says so.",
	Bad:  "FROM scratch AS runtime\nCOPY --from=build /usr/lib/libfoo.so.1 /usr/lib/\n",
	Good: "FROM scratch AS runtime\nCOPY --from=build /usr/lib/libfoo.so.1 /usr/lib/\nCOPY --from=build /var/lib/dpkg/status.d/libfoo1* /var/lib/dpkg/status.d/\n",
}, check: checkAttributable}

// unknownFloor is how many bytes without a record are ignored in any image: links, settings, empty records.
const unknownFloor = 64_000

func checkAttributable(i *Image, found atPath) {
	if i.owners.RpmDatabase() != "" {
		return // said in a note
	}
	var all, unknown int64
	folders := map[string]int64{}
	for _, e := range i.Regular {
		all += e.Size
		if _, known := i.owners.Owned(e); !known {
			unknown += e.Size
			folders[path.Dir(e.Path)] += e.Size
		}
	}
	if unknown <= max(unknownFloor, all/100) {
		return
	}
	type sum struct {
		dir   string
		bytes int64
	}
	var sums []sum
	for dir, bytes := range folders {
		sums = append(sums, sum{dir, bytes})
	}
	slices.SortFunc(sums, func(a, b sum) int { return cmp.Or(cmp.Compare(b.bytes, a.bytes), cmp.Compare(a.dir, b.dir)) })
	var details []string
	for n, s := range sums {
		if n == maxShown {
			details = append(details, fmt.Sprintf("and %d more folders", len(sums)-maxShown))
			break
		}
		details = append(details, fmt.Sprintf("%s in %s", catalog.Bytes(s.bytes), s.dir))
	}
	found("", fmt.Sprintf("%s of %s belong to no recorded package", catalog.Bytes(unknown), catalog.Bytes(all)),
		"keep the records of the packages that these files come from", details...)
}
