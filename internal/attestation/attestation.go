// Package attestation is the form in which documents about images are signed and attached to them: statements of in-toto, which
// the tools of others read.
package attestation

import (
	"encoding/json"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// The types of predicates: what kind of document a statement carries.
const (
	SPDX       = "https://spdx.dev/Document"
	CycloneDX  = "https://cyclonedx.org/bom"
	Provenance = "https://slsa.dev/provenance/v1"
	OpenVEX    = "https://openvex.dev/ns"
)

// StatementType is the type of every Statement.
const StatementType = "https://in-toto.io/Statement/v1"

// Statement is a document about images.
// Source: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
type Statement struct {
	Type          string          `json:"_type"`
	Subject       []Resource      `json:"subject"` // the first is the one to attach the statement to
	PredicateType string          `json:"predicateType"`
	Predicate     json.RawMessage `json:"predicate"`
}

// Resource is an image, or something that one was made from.
// Source: https://github.com/in-toto/attestation/blob/main/spec/v1/resource_descriptor.md
type Resource struct {
	Name        string            `json:"name,omitempty"`
	URI         string            `json:"uri,omitempty"`
	Digest      map[string]string `json:"digest,omitempty"` // hexadecimal, by algorithm
	Annotations map[string]any    `json:"annotations,omitempty"`
}

// Digest is a digest as a Resource has it.
func Digest(h v1.Hash) map[string]string { return map[string]string{h.Algorithm: h.Hex} }

// New makes a statement of a predicate, which is a document or its JSON.
func New(predicateType string, predicate any, subject ...Resource) (Statement, error) {
	data, err := json.Marshal(predicate)
	if err != nil {
		return Statement{}, fmt.Errorf("make a statement of type %s: %w", predicateType, err)
	}
	return Statement{Type: StatementType, Subject: subject, PredicateType: predicateType, Predicate: data}, nil
}
