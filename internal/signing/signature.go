package signing

import (
	"encoding/json"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"example.com/stagecraft/internal/attestation"
)

// SignatureType is the type of predicate by which cosign knows the signature of an image.
const SignatureType = "https://sigstore.dev/cosign/sign/v1"

// refName is the annotation for the name of an image.
// Source: https://github.com/opencontainers/image-spec/blob/main/annotations.md
const refName = "org.opencontainers.image.ref.name"

// Signature is the statement that an image was published under a name, such as hello-go:1.0. Without the name, someone who can
// move tags could offer an old image, or one of another service.
func Signature(image v1.Hash, name string) (attestation.Statement, error) {
	return attestation.New(SignatureType, json.RawMessage("{}"), attestation.Resource{
		Digest: attestation.Digest(image), Annotations: map[string]any{refName: name},
	})
}

// Name is the name that a signature gives an image; empty if it gives none.
func Name(subject attestation.Resource) string {
	name, _ := subject.Annotations[refName].(string)
	return name
}
