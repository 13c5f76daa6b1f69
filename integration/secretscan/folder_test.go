package secretscan_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"example.com/stagecraft/internal/image/imagetest"
)

// blobs is a folder of blobs to make.
type blobs struct {
	t   *testing.T
	dir string
}

func newBlobs(t *testing.T) blobs {
	t.Helper()
	b := blobs{t, t.TempDir()}
	if err := os.MkdirAll(filepath.Join(b.dir, "blobs", "sha256"), 0o755); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b blobs) add(data []byte) (digest string) {
	b.t.Helper()
	sum := sha256.Sum256(data)
	digest = hex.EncodeToString(sum[:])
	if err := os.WriteFile(filepath.Join(b.dir, "blobs", "sha256", digest), data, 0o644); err != nil {
		b.t.Fatal(err)
	}
	return "sha256:" + digest
}

// image adds a manifest with a configuration and layers, and an index of it; extra is put into the index.
func (b blobs) image(config, extra string, layers ...[]byte) (digests []string) {
	b.t.Helper()
	var list []string
	for _, l := range layers {
		digests = append(digests, b.add(l))
		list = append(list, fmt.Sprintf(`{"digest":%q}`, digests[len(digests)-1]))
	}
	manifest := b.add(fmt.Appendf(nil, `{"config":{"digest":%q},"layers":[%s]}`, b.add([]byte(config)), strings.Join(list, ",")))
	index := fmt.Sprintf(`{"manifests":[{"digest":%q,"platform":{"os":"linux","architecture":"arm64"}}]%s}`, manifest, extra)
	if err := os.WriteFile(filepath.Join(b.dir, "index.json"), []byte(index), 0o644); err != nil {
		b.t.Fatal(err)
	}
	return digests
}

// Short names for the table below.
var (
	tarOf = imagetest.Tar
	reg   = imagetest.File
)

func gzipped(data []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(data)
	_ = w.Close()
	return out.Bytes()
}

func zstded(data []byte) []byte {
	w, _ := zstd.NewWriter(nil)
	return w.EncodeAll(data, nil)
}

func TestFolder(t *testing.T) {
	t.Parallel()
	good := func() []byte { return zstded(tarOf(t, reg("etc/good", "good"))) }
	big := strings.Repeat("0123456789", 20_000)
	for name, c := range map[string]struct {
		make func(b blobs) (digest string)
		want string // %s is the digest
	}{
		"a file": {func(b blobs) string {
			return b.image("{}", "", good(), gzipped(tarOf(t, reg("a", big), reg("root/.npmrc", big+token+big), reg("b", "x"))))[1]
		}, "the secret npmrc (raw) is in layer 2 of 2 of linux/arm64 (%s), root/.npmrc"},
		"a file that is removed later": {func(b blobs) string {
			return b.image("{}", "", zstded(tarOf(t, reg("root/.netrc", password))), tarOf(t, reg("root/.wh..netrc", "")))[0]
		}, "the secret netrc (raw) is in layer 1 of 2 of linux/arm64 (%s), root/.netrc"},
		"a name, which is not told": {func(b blobs) string {
			return b.image("{}", "", tarOf(t, reg("a", "x"), reg("cache/"+password, "x")))[0]
		}, "the secret netrc (raw) is in layer 1 of 1 of linux/arm64 (%s), the name of cache/[netrc]"},
		"a link": {func(b blobs) string {
			return b.image("{}", "", tarOf(t, imagetest.Symlink("l", "/to/"+password)))[0]
		}, "the secret netrc (raw) is in layer 1 of 1 of linux/arm64 (%s), the link of l"},
		"an attribute": {func(b blobs) string {
			return b.image("{}", "", tarOf(t, reg("a", ""), imagetest.Dir("d/").With(func(h *tar.Header) {
				h.PAXRecords = map[string]string{"SCHILY.xattr.user.x": token}
			})))[0]
		}, "the secret npmrc (raw) is in layer 1 of 1 of linux/arm64 (%s), the attribute SCHILY.xattr.user.x of d/"},
		"behind the end": {func(b blobs) string {
			return b.image("{}", "", zstded(append(tarOf(t, reg("a", "x")), password...)))[0]
		}, "the secret netrc (raw) is in layer 1 of 1 of linux/arm64 (%s), behind the last entry"},
		"history": {func(b blobs) string {
			config := `{"history":[{"created_by":"COPY"},{"created_by":"RUN |1 TOKEN=` + password + ` make"}]}`
			b.image(config, "", good())
			return b.add([]byte(config))
		}, "the secret netrc (raw) is in config of linux/arm64 (%s), .history[1].created_by"},
		"an annotation of the index": {func(b blobs) string {
			b.image("{}", `,"annotations":{"org.example":"`+password+`"}`, good())
			return ""
		}, "the secret netrc (raw) is in index.json, .annotations.org.example"},
		"an attestation": {func(b blobs) string {
			statement := `{"predicate":{"source":"` + base64.StdEncoding.EncodeToString([]byte("ARG A="+password+"\n")) + `"}}`
			digest := b.add([]byte(statement))
			manifest := b.add([]byte(`{"layers":[{"digest":"` + digest + `"}]}`))
			b.image("{}", "", good())
			index, err := os.ReadFile(filepath.Join(b.dir, "index.json"))
			if err != nil {
				b.t.Fatal(err)
			}
			image := strings.Split(string(index), `"`)[5]
			index = bytes.Replace(index, []byte("]}"), []byte(`,{"digest":"`+manifest+
				`","platform":{"os":"unknown","architecture":"unknown"},"annotations":{"vnd.docker.reference.digest":"`+image+`"}}]}`), 1)
			if err := os.WriteFile(filepath.Join(b.dir, "index.json"), index, 0o644); err != nil {
				b.t.Fatal(err)
			}
			return digest
		}, "the secret netrc (base64) is in layer 1 of 1 of the attestation of linux/arm64 (%s), .predicate.source"},
		"a blob that nothing names": {func(b blobs) string {
			b.image("{}", "", good())
			return b.add([]byte("left over: " + password))
		}, "the secret netrc (raw) is in a blob that nothing refers to (%s)"},
		"nothing": {func(b blobs) string { b.image("{}", "", good()); return "" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBlobs(t)
			digest := c.make(b)
			found, err := search(t).Folder(b.dir, "")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range found {
				got = append(got, f.String())
			}
			if want := strings.Replace(c.want, "%s", digest, 1); strings.Join(got, "\n") != want {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), want)
			}
		})
	}
}

// A blob that several folders share is reported in each; one that is clean is read once.
func TestFoldersShareBlobs(t *testing.T) {
	t.Parallel()
	s := search(t)
	for range 2 {
		b := newBlobs(t)
		b.image("{}", "", zstded(tarOf(t, reg("good", "x"))), zstded(tarOf(t, reg("bad", password))))
		found, err := s.Folder(b.dir, "")
		if err != nil || len(found) != 1 || found[0].Place != "bad" {
			t.Errorf("found %v, %v", found, err)
		}
	}
}

// What cannot be read is an error: a search that skips it would say that all is well.
func TestFolderSaysWhatItCannotRead(t *testing.T) {
	t.Parallel()
	for name, layer := range map[string][]byte{
		"cut compression": gzipped(tarOf(t, reg("a", strings.Repeat("x", 9000))))[:60],
		"cut tar":         tarOf(t, reg("a", strings.Repeat("x", 9000)))[:2000],
	} {
		b := newBlobs(t)
		digest := b.image("{}", "", layer)[0]
		if found, err := search(t).Folder(b.dir, "build cache"); err == nil || !strings.Contains(err.Error(), "build cache: layer 1 of 1 of linux/arm64 ("+digest) {
			t.Errorf("%s: %v, %v", name, found, err)
		}
	}
	if _, err := search(t).Folder(filepath.Join(t.TempDir(), "none"), ""); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("error is %v", err)
	}
}
