// Package signing signs statements about images, attaches them to images in registries, and verifies them: in DSSE envelopes in
// Sigstore bundles, as cosign writes and reads them.
package signing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"example.com/stagecraft/internal/attestation"
)

// BundleType is the media type of a bundle.
// Source: https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto
const BundleType = "application/vnd.dev.sigstore.bundle.v0.3+json"

// payloadType is the media type of a statement in an envelope.
const payloadType = "application/vnd.in-toto+json"

// Errors of bundles that do not verify.
var (
	ErrOtherKey = errors.New("it is signed by another key")
	ErrChanged  = errors.New("its signature is not that of its content: one of them was changed")
)

// bundle is a signed statement and the name of its key. Bundles with certificates have no such name.
type bundle struct {
	MediaType            string        `json:"mediaType"`
	VerificationMaterial material      `json:"verificationMaterial"`
	Envelope             dsse.Envelope `json:"dsseEnvelope"`
}

type material struct {
	PublicKey identifier `json:"publicKey"`
}

type identifier struct {
	Hint string `json:"hint"`
}

// Sign is a bundle of s and its signature; the same one each time.
func (k PrivateKey) Sign(ctx context.Context, s attestation.Statement) ([]byte, error) {
	content, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	signer, err := dsse.NewEnvelopeSigner(signer{k})
	if err != nil {
		return nil, err
	}
	signed, err := signer.SignPayload(ctx, payloadType, content)
	if err != nil {
		return nil, fmt.Errorf("sign a statement: %w", err)
	}
	public, err := k.Public()
	if err != nil {
		return nil, err
	}
	return json.Marshal(bundle{BundleType, material{identifier{public.hint}}, *signed})
}

// Verify is the statement in a bundle that is signed by the private key of k. For a bundle that names another key, the error is
// ErrOtherKey.
func (k PublicKey) Verify(ctx context.Context, content []byte) (attestation.Statement, error) {
	var b bundle
	if err := json.Unmarshal(content, &b); err != nil {
		return attestation.Statement{}, fmt.Errorf("read a bundle: %w", err)
	}
	if b.VerificationMaterial.PublicKey.Hint != k.hint {
		return attestation.Statement{}, ErrOtherKey
	}
	if b.MediaType != BundleType || b.Envelope.PayloadType != payloadType {
		return attestation.Statement{}, fmt.Errorf("it is a %s of a %s, not a %s of a %s", b.MediaType, b.Envelope.PayloadType, BundleType, payloadType)
	}
	verifier, err := dsse.NewEnvelopeVerifier(verifier{k})
	if err != nil {
		return attestation.Statement{}, err
	}
	_, payload, err := verifier.VerifyAndDecode(ctx, &b.Envelope)
	if err != nil {
		return attestation.Statement{}, ErrChanged
	}
	var s attestation.Statement
	if err := json.Unmarshal(payload, &s); err != nil {
		return attestation.Statement{}, fmt.Errorf("read a statement: %w", err)
	}
	if s.Type != attestation.StatementType {
		return attestation.Statement{}, fmt.Errorf("it is a %s, not a %s", s.Type, attestation.StatementType)
	}
	return s, nil
}
