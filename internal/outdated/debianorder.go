package outdated

import version "github.com/knqyf263/go-deb-version"

// debianOrder compares two versions of a Debian package as dpkg does. One that dpkg would refuse counts as none.
// Source: https://manpages.debian.org/trixie/dpkg-dev/deb-version.7.en.html
func debianOrder(a, b string) int {
	left, _ := version.NewVersion(a)
	right, _ := version.NewVersion(b)
	return left.Compare(right)
}
