// Package vex reads what a team says about vulnerabilities in its images: documents in the format OpenVEX.
package vex

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// File is what a document is called, in the repository's root for all services, and in the folder of a service for that one.
const File = "vex.openvex.json"

// Document is a document of statements. Source: https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md
type Document struct {
	Context     string      `json:"@context"`
	ID          string      `json:"@id"`
	Author      string      `json:"author"`
	Role        string      `json:"role,omitempty"`
	Timestamp   time.Time   `json:"timestamp"`
	LastUpdated *time.Time  `json:"last_updated,omitempty"`
	Version     int         `json:"version"`
	Tooling     string      `json:"tooling,omitempty"`
	Statements  []Statement `json:"statements"`
}

// Statement says whether products are affected by a vulnerability.
type Statement struct {
	ID                       string        `json:"@id,omitempty"`
	Version                  int           `json:"version,omitempty"`
	Vulnerability            Vulnerability `json:"vulnerability"`
	Timestamp                *time.Time    `json:"timestamp,omitempty"`
	LastUpdated              *time.Time    `json:"last_updated,omitempty"`
	Products                 []Product     `json:"products"`
	Status                   string        `json:"status"`
	Supplier                 string        `json:"supplier,omitempty"`
	StatusNotes              string        `json:"status_notes,omitempty"`
	Justification            string        `json:"justification,omitempty"`
	ImpactStatement          string        `json:"impact_statement,omitempty"`
	ActionStatement          string        `json:"action_statement,omitempty"`
	ActionStatementTimestamp *time.Time    `json:"action_statement_timestamp,omitempty"`
}

// Vulnerability names one, by its usual name and others.
type Vulnerability struct {
	ID          string   `json:"@id,omitempty"`
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Aliases     []string `json:"aliases,omitempty"`
}

// Product is an image or a package, and the parts of it that a statement is about.
type Product struct {
	ID            string            `json:"@id,omitempty"`
	Identifiers   map[string]string `json:"identifiers,omitempty"`
	Hashes        map[string]string `json:"hashes,omitempty"`
	Subcomponents []Product         `json:"subcomponents,omitempty"`
}

var justifications = []string{
	"component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
	"vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist",
}

// Load reads the documents that are about a service, whose folder is dir, in the repository at root; there may be none.
func Load(root, dir string) ([]Document, error) {
	var all []Document
	for _, name := range []string{File, dir + "/" + File} {
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		d, err := Parse(data)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		all = append(all, d)
	}
	return all, nil
}

// Parse reads a document and checks it. Keys that the format does not have are errors, as a misspelt one would be ignored.
func Parse(data []byte) (Document, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var d Document
	if err := decoder.Decode(&d); err != nil {
		return Document{}, fmt.Errorf("%w; see https://github.com/openvex/spec for the format", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Document{}, errors.New("there is something behind the document; remove it")
	}
	switch {
	case !strings.HasPrefix(d.Context, "https://openvex.dev/ns"):
		return Document{}, fmt.Errorf("@context is %q; write https://openvex.dev/ns/v0.2.0", d.Context)
	case d.ID == "":
		return Document{}, errors.New("@id is missing; write a URL that names the document")
	case d.Author == "":
		return Document{}, errors.New("author is missing; write who says this")
	case d.Timestamp.IsZero():
		return Document{}, errors.New("timestamp is missing; write when this was said, such as 2026-11-28T00:00:00Z")
	case d.Version < 1:
		return Document{}, errors.New("version is missing; write 1, and a higher one with each change")
	case len(d.Statements) == 0:
		return Document{}, errors.New("there are no statements; write one, or delete the file")
	}
	for i, s := range d.Statements {
		if err := s.check(); err != nil {
			return Document{}, fmt.Errorf("statement %d: %w", i+1, err)
		}
	}
	return d, nil
}

// check is an error unless the statement says what its status requires.
func (s Statement) check() error {
	switch {
	case s.Vulnerability.Name == "":
		return errors.New("vulnerability.name is missing; write one such as CVE-2026-1234")
	case len(s.Products) == 0:
		return errors.New("products is missing; write the package URL of an image or a package as its @id")
	}
	switch s.Status {
	case "not_affected":
		if s.Justification == "" && s.ImpactStatement == "" {
			return errors.New("not_affected requires a reason; write a justification or an impact_statement")
		}
	case "affected":
		if s.ActionStatement == "" {
			return errors.New("affected requires an action_statement; write what users shall do")
		}
	case "fixed", "under_investigation":
	default:
		return fmt.Errorf("status is %q; choose from not_affected, affected, fixed, under_investigation", s.Status)
	}
	if s.Justification != "" && !slices.Contains(justifications, s.Justification) {
		return fmt.Errorf("justification is %q; choose from %s", s.Justification, strings.Join(justifications, ", "))
	}
	return nil
}
