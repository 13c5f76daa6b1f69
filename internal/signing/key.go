package signing

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/encrypted"
)

// PrivateKey signs: a key for ECDSA on the curve P-256, which is what cosign generates.
type PrivateKey struct{ key *ecdsa.PrivateKey }

// ParsePrivateKey reads a key in PEM, as `cosign generate-key-pair` or `openssl ecparam -name prime256v1 -genkey` writes it.
// The password is that of an encrypted key.
func ParsePrivateKey(text []byte, password string) (PrivateKey, error) {
	block, rest := pem.Decode(text)
	if block != nil && block.Type == "EC PARAMETERS" { // openssl writes the name of the curve first
		block, _ = pem.Decode(rest)
	}
	if block == nil {
		return PrivateKey{}, errors.New("it is not a key in PEM; `cosign generate-key-pair` makes one")
	}
	var key any
	var err error
	switch block.Type {
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY":
		var content []byte
		if content, err = encrypted.Decrypt(block.Bytes, []byte(password)); err != nil {
			return PrivateKey{}, fmt.Errorf("decrypt it: %w; set COSIGN_PASSWORD to its password", err)
		}
		key, err = x509.ParsePKCS8PrivateKey(content)
	default:
		return PrivateKey{}, fmt.Errorf("it is a %s, not a private key; `cosign generate-key-pair` makes one", block.Type)
	}
	if err != nil {
		return PrivateKey{}, err
	}
	private, ok := key.(*ecdsa.PrivateKey)
	if !ok || private.Curve != elliptic.P256() {
		return PrivateKey{}, errors.New("it is not for ECDSA on the curve P-256; `cosign generate-key-pair` makes one that is")
	}
	return PrivateKey{private}, nil
}

// Public is the key that verifies what k signs.
func (k PrivateKey) Public() (PublicKey, error) { return publicKey(&k.key.PublicKey) }

// signer is a key as the library for envelopes wants it.
type signer struct{ PrivateKey }

// Sign makes the same signature of the same data each time, so that what is attached already is not attached again.
func (s signer) Sign(_ context.Context, data []byte) ([]byte, error) {
	sum := sha256.Sum256(data)
	return s.key.Sign(nil, sum[:], crypto.SHA256)
}

func (s signer) KeyID() (string, error) { return "", nil }

// PublicKey verifies what a private key signed.
type PublicKey struct {
	key  *ecdsa.PublicKey
	hint string // the name of the key in bundles, made as cosign makes it
}

// ParsePublicKey reads a key in PEM, as cosign and openssl write it.
func ParsePublicKey(text []byte) (PublicKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PUBLIC KEY" {
		return PublicKey{}, errors.New("it is not a public key in PEM, such as the cosign.pub of `cosign generate-key-pair`")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return PublicKey{}, err
	}
	public, ok := key.(*ecdsa.PublicKey)
	if !ok || public.Curve != elliptic.P256() {
		return PublicKey{}, errors.New("it is not for ECDSA on the curve P-256")
	}
	return publicKey(public)
}

func publicKey(key *ecdsa.PublicKey) (PublicKey, error) {
	content, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return PublicKey{}, err
	}
	sum := sha256.Sum256(content)
	return PublicKey{key, base64.StdEncoding.EncodeToString(sum[:])}, nil
}

// verifier is a key as the library for envelopes wants it.
type verifier struct{ PublicKey }

func (v verifier) Verify(_ context.Context, data, signature []byte) error {
	sum := sha256.Sum256(data)
	if !ecdsa.VerifyASN1(v.key, sum[:], signature) {
		return errors.New("the signature is not of this key, or not of this content")
	}
	return nil
}

func (v verifier) KeyID() (string, error)   { return "", nil }
func (v verifier) Public() crypto.PublicKey { return v.key }
