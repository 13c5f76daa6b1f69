// Package authority is a certificate authority that nobody but a test knows.
package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Authority signs certificates, which are good for a day.
type Authority struct {
	// Dir has ca.pem, and for each holder NAME.pem and NAME.key.
	Dir         string
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// New makes an authority in a folder, which goes with the test.
func New(t testing.TB) *Authority {
	t.Helper()
	return Named(t, t.TempDir(), "Private authority of a test")
}

// Named makes an authority of that name in a folder that is there.
func Named(t testing.TB, dir, name string) *Authority {
	t.Helper()
	a := &Authority{Dir: dir}
	a.certificate = &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, key, err := a.sign(a.certificate)
	if err != nil {
		t.Fatal(err)
	}
	a.key = key
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	write(t, a.Bundle(), "CERTIFICATE", der)
	return a
}

// Bundle is the file that makes a program trust the authority.
func (a *Authority) Bundle() string { return filepath.Join(a.Dir, "ca.pem") }

// Issue writes certificate and key of a holder who serves on loopback or asks those who do.
func (a *Authority) Issue(t testing.TB, holder string) {
	t.Helper()
	der, key, err := a.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: holder}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(a.Dir, holder+".pem"), "CERTIFICATE", der)
	write(t, filepath.Join(a.Dir, holder+".key"), "PRIVATE KEY", secret)
}

// Server is the TLS of a server that is every host it is asked for. fallback is who it is for clients that name none, as those
// that have only its address.
func (a *Authority) Server(fallback string) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		host := hello.ServerName
		if host == "" {
			host = fallback
		}
		leaf := &x509.Certificate{
			Subject: pkix.Name{CommonName: host}, KeyUsage: x509.KeyUsageDigitalSignature,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}
		if ip := net.ParseIP(host); ip != nil {
			leaf.IPAddresses = []net.IP{ip}
		} else {
			leaf.DNSNames = []string{host}
		}
		der, key, err := a.sign(leaf)
		if err != nil {
			return nil, err
		}
		return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
	}}
}

// sign completes a certificate with a key of its own. Without a key yet, the authority signs itself.
func (a *Authority) sign(template *x509.Certificate) ([]byte, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62)); err != nil {
		return nil, nil, err
	}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	signer := a.key
	if signer == nil {
		signer = key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), signer)
	return der, key, err
}

func write(t testing.TB, file, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}
