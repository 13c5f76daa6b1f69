package signing_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"github.com/secure-systems-lab/go-securesystemslib/encrypted"

	"example.com/stagecraft/internal/attestation"
	"example.com/stagecraft/internal/signing"
)

func generate(t *testing.T, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sec1(t *testing.T, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	content, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return encode("EC PRIVATE KEY", content)
}

func pkcs8(t *testing.T, key crypto.PrivateKey) []byte {
	t.Helper()
	content, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func public(t *testing.T, key crypto.PublicKey) []byte {
	t.Helper()
	content, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return encode("PUBLIC KEY", content)
}

func encode(kind string, content []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content})
}

func TestParsePrivateKey(t *testing.T) {
	t.Parallel()
	key := generate(t, elliptic.P256())
	large, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := encrypted.Encrypt(pkcs8(t, key), []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	curve := encode("EC PARAMETERS", []byte{6, 8, 42, 134, 72, 206, 61, 3, 1, 7})
	for _, tt := range []struct {
		name, password string
		text           []byte
		want           string // words of the error; empty: none
	}{
		{"openssl ecparam -noout", "", sec1(t, key), ""},
		{"openssl ecparam", "", append(curve, sec1(t, key)...), ""},
		{"openssl genpkey", "", encode("PRIVATE KEY", pkcs8(t, key)), ""},
		{"cosign generate-key-pair", "secret", encode("ENCRYPTED SIGSTORE PRIVATE KEY", sealed), ""},
		{"cosign 1", "secret", encode("ENCRYPTED COSIGN PRIVATE KEY", sealed), ""},
		{"another password", "guess", encode("ENCRYPTED SIGSTORE PRIVATE KEY", sealed), "set COSIGN_PASSWORD to its password"},
		{"a file's name", "", []byte("cosign.key"), "it is not a key in PEM"},
		{"nothing", "", nil, "it is not a key in PEM"},
		{"only the curve", "", curve, "it is not a key in PEM"},
		{"the public key", "", public(t, &key.PublicKey), "it is a PUBLIC KEY, not a private key"},
		{"a damaged key", "", encode("EC PRIVATE KEY", []byte("x")), "x509"},
		{"another curve", "", sec1(t, generate(t, elliptic.P384())), "not for ECDSA on the curve P-256"},
		{"another algorithm", "", encode("PRIVATE KEY", pkcs8(t, large)), "not for ECDSA on the curve P-256"},
	} {
		got, err := signing.ParsePrivateKey(tt.text, tt.password)
		switch {
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.want == "":
			opened(t, got, public(t, &key.PublicKey))
		}
	}
}

// opened checks that text verifies what key signs.
func opened(t *testing.T, key signing.PrivateKey, text []byte) {
	t.Helper()
	verifier, err := signing.ParsePublicKey(text)
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := key.Sign(t.Context(), statement())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verifier.Verify(t.Context(), bundle); err != nil {
		t.Error(err)
	}
}

func TestParsePublicKey(t *testing.T) {
	t.Parallel()
	key := generate(t, elliptic.P256())
	for _, tt := range []struct {
		name, want string
		text       []byte
	}{
		{"the private key", "it is not a public key in PEM", sec1(t, key)},
		{"nothing", "it is not a public key in PEM", nil},
		{"a damaged key", "asn1", encode("PUBLIC KEY", []byte("x"))},
		{"another curve", "not for ECDSA on the curve P-256", public(t, &generate(t, elliptic.P521()).PublicKey)},
	} {
		if _, err := signing.ParsePublicKey(tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}

func statement() attestation.Statement {
	return attestation.Statement{
		Type:          attestation.StatementType,
		Subject:       []attestation.Resource{{Digest: map[string]string{"sha256": strings.Repeat("ab", 32)}}},
		PredicateType: "https://example.com/approved/v1",
		Predicate:     json.RawMessage(`{"by":"everybody"}`),
	}
}

// newKey is a key and the one that verifies what it signs.
func newKey(t *testing.T) (signing.PrivateKey, signing.PublicKey) {
	t.Helper()
	private, err := signing.ParsePrivateKey(sec1(t, generate(t, elliptic.P256())), "")
	if err != nil {
		t.Fatal(err)
	}
	public, err := private.Public()
	if err != nil {
		t.Fatal(err)
	}
	return private, public
}

func sign(t *testing.T, key signing.PrivateKey, s attestation.Statement) []byte {
	t.Helper()
	bundle, err := key.Sign(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return bundle
}

// TestVerify: only what is signed by this key, and is as it was signed, is a statement.
func TestVerify(t *testing.T) {
	t.Parallel()
	private, public := newKey(t)
	other, _ := newKey(t)
	good := sign(t, private, statement())
	changed := func(replace func(b map[string]any, envelope map[string]any)) []byte {
		var b map[string]any
		if err := json.Unmarshal(good, &b); err != nil {
			t.Fatal(err)
		}
		envelope, ok := b["dsseEnvelope"].(map[string]any)
		if !ok {
			t.Fatalf("no envelope in %s", good)
		}
		replace(b, envelope)
		content, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	old := statement()
	old.Type = "https://in-toto.io/Statement/v0.1"
	for _, tt := range []struct {
		name   string
		bundle []byte
		is     error  // nil: any
		want   string // words of the error
	}{
		{"another key", sign(t, other, statement()), signing.ErrOtherKey, ""},
		{"another key with this key's name", changed(func(b, _ map[string]any) {
			var theirs map[string]any
			if err := json.Unmarshal(sign(t, other, statement()), &theirs); err != nil {
				t.Fatal(err)
			}
			b["dsseEnvelope"] = theirs["dsseEnvelope"]
		}), signing.ErrChanged, ""},
		{"another payload", changed(func(_, e map[string]any) {
			e["payload"] = base64.StdEncoding.EncodeToString([]byte(`{"_type":"` + attestation.StatementType + `"}`))
		}), signing.ErrChanged, ""},
		{"no signature", changed(func(_, e map[string]any) { e["signatures"] = []any{} }), signing.ErrChanged, ""},
		{"a certificate", changed(func(b, _ map[string]any) { b["verificationMaterial"] = map[string]any{"certificate": map[string]any{}} }), signing.ErrOtherKey, ""},
		{"another type of payload", changed(func(_, e map[string]any) { e["payloadType"] = "text/plain" }), nil, "it is a " + signing.BundleType + " of a text/plain"},
		{"another version", changed(func(b, _ map[string]any) { b["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.2" }), nil, "version=0.2"},
		{"an old statement", sign(t, private, old), nil, "it is a https://in-toto.io/Statement/v0.1"},
		{"no bundle", []byte("<html>"), nil, "read a bundle"},
	} {
		_, err := public.Verify(t.Context(), tt.bundle)
		if err == nil || tt.is != nil && !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %v %q", tt.name, err, tt.is, tt.want)
		}
	}
	got, err := public.Verify(t.Context(), good)
	if err != nil || got.PredicateType != statement().PredicateType || !bytes.Equal(got.Predicate, statement().Predicate) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestSameSignature: publishing again finds what is there.
func TestSameSignature(t *testing.T) {
	t.Parallel()
	private, _ := newKey(t)
	if a, b := sign(t, private, statement()), sign(t, private, statement()); !bytes.Equal(a, b) {
		t.Errorf("two signatures of the same statement:\n%s\n%s", a, b)
	}
}
