package sbom

import (
	"bytes"
	"encoding/json"
	"fmt"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"example.com/stagecraft/internal/attestation"
)

// Format is a format of lists: SPDX 2.3 or CycloneDX 1.6, both in JSON.
type Format string

// The formats.
const (
	SPDX      Format = "spdx"
	CycloneDX Format = "cyclonedx"
)

// ParseFormat reads the name of a format; an empty one is SPDX.
func ParseFormat(s string) (Format, error) {
	switch f := Format(s); f {
	case "":
		return SPDX, nil
	case SPDX, CycloneDX:
		return f, nil
	}
	return "", fmt.Errorf("there is no format %q; choose from %s, %s", s, SPDX, CycloneDX)
}

// Extension is what names of files end in.
func (f Format) Extension() string {
	if f == CycloneDX {
		return ".cdx.json"
	}
	return ".spdx.json"
}

// PredicateType is the type of a statement that carries such a list.
func (f Format) PredicateType() string {
	if f == CycloneDX {
		return attestation.CycloneDX
	}
	return attestation.SPDX
}

// Document is the list in a format.
func (c Contents) Document(f Format) ([]byte, error) {
	var out bytes.Buffer
	var err error
	if f == CycloneDX {
		encoder := cdx.NewBOMEncoder(&out, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false)
		err = encoder.EncodeVersion(c.cycloneDX(), cdx.SpecVersion1_6)
	} else {
		encoder := json.NewEncoder(&out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		err = encoder.Encode(c.spdx())
	}
	if err != nil {
		return nil, fmt.Errorf("write what is in the image of %s for %s as %s: %w", c.Service, c.Image.Platform(), f, err)
	}
	return out.Bytes(), nil
}
