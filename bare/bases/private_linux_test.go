package bases

import (
	"archive/tar"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// A stand-in made from a mirror, here one that wants a password, asks nobody
// else and says nothing of it.
func TestMirror(t *testing.T) {
	if testing.Short() || os.Geteuid() != 0 {
		t.Skip("assembles Debian, as root")
	}
	var asked atomic.Int64
	debian := httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: "deb.debian.org"})
		r.Out.Header.Del("Authorization")
	}}
	mirror := httptest.NewServer(http.StripPrefix("/all", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "me" || password != "can/ary#" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		asked.Add(1)
		debian.ServeHTTP(w, r)
	})))
	t.Cleanup(mirror.Close)
	host := strings.TrimPrefix(mirror.URL, "http://")

	b := &builder{ctx: t.Context(), tell: func(string, ...any) {}}
	if err := b.needMmdebstrap(runtime.GOARCH); err != nil {
		t.Fatal(err)
	}
	t.Setenv(mirrorSetting, "")
	var plain bytes.Buffer
	if err := b.mmdebstrap(&plain, runtime.GOARCH, nil); err != nil {
		t.Fatal(err)
	}
	t.Setenv(mirrorSetting, "http://me:can%2Fary%23@"+host+"/all/")
	var tarball bytes.Buffer
	if err := b.mmdebstrap(&tarball, runtime.GOARCH, nil); err != nil {
		t.Fatal(err)
	}
	if asked.Load() == 0 {
		t.Error("the mirror was not asked")
	}
	if !bytes.Equal(tarball.Bytes(), plain.Bytes()) {
		t.Error("the stand-in is not the same, byte for byte, as without a mirror")
	}
	for _, secret := range []string{host, "can/ary", "can%2Fary", "sources.list.kept", "mirror.conf"} {
		if bytes.Contains(tarball.Bytes(), []byte(secret)) {
			t.Errorf("the stand-in holds %q", secret)
		}
	}
	if sources := content(t, &tarball, "etc/apt/sources.list"); !strings.Contains(sources, "http://deb.debian.org/debian trixie main") {
		t.Errorf("its sources are %q", sources)
	}

	t.Setenv(mirrorSetting, "http://me:wrong@"+host+"/all")
	if err := b.mmdebstrap(io.Discard, runtime.GOARCH, nil); err == nil || !strings.Contains(err.Error(), "401") || strings.Contains(err.Error(), "wrong") {
		t.Errorf("a wrong password is %v, want an error that tells of 401 and not of the password", err)
	}
}

// What is downloaded without apt trusts the setting's authorities too.
func TestTrust(t *testing.T) {
	t.Setenv("SSL_CERT_FILE", "/before")
	t.Setenv(caSetting, "")
	if err := trust(); err != nil || os.Getenv("SSL_CERT_FILE") != "/before" {
		t.Errorf("without a setting it is %s, %v", os.Getenv("SSL_CERT_FILE"), err)
	}
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	t.Setenv(caSetting, bundle)
	if err := trust(); err != nil || os.Getenv("SSL_CERT_FILE") != bundle {
		t.Errorf("with one it is %s, %v", os.Getenv("SSL_CERT_FILE"), err)
	}
}

// content is a file's of a tarball, as it is called there or below ./.
func content(t *testing.T, r io.Reader, name string) string {
	t.Helper()
	for files := tar.NewReader(r); ; {
		h, err := files.Next()
		if err != nil {
			t.Fatalf("no %s: %v", name, err)
		}
		if strings.TrimPrefix(h.Name, "./") == name {
			data, err := io.ReadAll(files)
			if err != nil {
				t.Fatal(err)
			}
			return string(data)
		}
	}
}
