package outdated

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/ulikunitz/xz"
)

// DebianSetting is the URL that builds ask instead of http://deb.debian.org; below it are debian/ and debian-security/.
const DebianSetting = "STAGECRAFT_DEBIAN_MIRROR"

// Debian is a release of Debian, as published for one architecture: main, its updates and its security archive.
func Debian(codename, arch string) Ecosystem {
	mirror := strings.TrimSuffix(cmp.Or(os.Getenv(DebianSetting), "http://deb.debian.org"), "/")
	return Ecosystem{
		Name: "Debian " + codename, Compare: compareDebian,
		Latest: func(ctx context.Context, names []string) (map[string]Versions, error) {
			suites := []string{
				mirror + "/debian/dists/" + codename, mirror + "/debian/dists/" + codename + "-updates",
				mirror + "/debian-security/dists/" + codename + "-security",
			}
			found := make([]map[string]string, len(suites))
			errs := make([]error, len(suites))
			var wait sync.WaitGroup
			for n, suite := range suites {
				wait.Go(func() {
					found[n], errs[n] = readSuite(ctx, suite+"/main/binary-"+arch+"/Packages.xz", names)
				})
			}
			wait.Wait()
			newest := map[string]Versions{}
			for _, suite := range found {
				for name, version := range suite {
					if old := newest[name].Latest; old == "" || debianOrder(old, version) < 0 {
						newest[name] = Versions{Latest: version}
					}
				}
			}
			return newest, cmp.Or(errs...)
		},
	}
}

// readSuite is the newest version of each name in an index, read as it arrives.
func readSuite(ctx context.Context, address string, names []string) (map[string]string, error) {
	body, err := get(ctx, address, http.Header{})
	at, _ := url.Parse(address)
	if errors.Is(err, errNone) {
		return nil, fmt.Errorf("%s has no %s", at.Host, at.Path)
	}
	if err != nil {
		return nil, err
	}
	defer body.Close()
	found, err := readPackages(body, names)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, unreachable(at, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s answers a request for %s with no index of packages: %w", at.Host, at.Path, err)
	}
	return found, nil
}

// readPackages reads an index.
// Source: https://wiki.debian.org/DebianRepository/Format#A.22Packages.22_Indices
func readPackages(compressed io.Reader, names []string) (map[string]string, error) {
	index, err := xz.NewReader(bufio.NewReader(compressed))
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	found := map[string]string{}
	name := ""
	lines := bufio.NewScanner(index)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), "Package: "); ok {
			name = value
		} else if version, ok := strings.CutPrefix(lines.Text(), "Version: "); ok && wanted[name] {
			if old := found[name]; old == "" || debianOrder(old, version) < 0 {
				found[name] = version
			}
		}
	}
	return found, lines.Err()
}

// compareDebian compares the versions of a release, which keep what upstream published and fix it.
func compareDebian(has, latest string) Kind {
	if debianOrder(has, latest) >= 0 {
		return ""
	}
	if kind := compareNumbers(upstream(has), upstream(latest)); slices.Contains([]Kind{Minor, Major}, kind) {
		return kind
	}
	return Patch
}

func upstream(version string) string {
	if _, rest, ok := strings.Cut(version, ":"); ok {
		version = rest
	}
	if at := strings.LastIndex(version, "-"); at >= 0 {
		version = version[:at]
	}
	return version
}
