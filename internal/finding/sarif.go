package finding

import (
	"io"
	"net/url"
	"path"
	"strings"
)

// The parts of SARIF 2.1.0 that viewers and GitHub's code scanning read.
// Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string       `json:"id"`
		Short   sarifText    `json:"shortDescription"`
		Full    sarifText    `json:"fullDescription"`
		Help    sarifText    `json:"help"`
		HelpURI string       `json:"helpUri"`
		Default sarifDefault `json:"defaultConfiguration"`
	}
	sarifDefault struct {
		Level Severity `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Level        Severity           `json:"level"` // SARIF's names are the same
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifSuppression struct {
		Kind string `json:"kind"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
)

func (r *Report) writeSARIF(w io.Writer) error {
	run := sarifRun{
		Tool:    sarifTool{sarifDriver{Name: "stagecraft", Rules: []sarifRule{}}},
		Results: []sarifResult{},
	}
	index := map[string]int{}
	add := func(list []Finding, suppressions ...sarifSuppression) {
		for _, f := range list {
			n, known := index[f.Rule]
			if !known {
				n = len(index)
				index[f.Rule] = n
				run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(f.Rule, r.Rules.Find(f.Rule)))
			}
			result := f.sarif()
			result.RuleIndex, result.Suppressions = n, suppressions
			run.Results = append(run.Results, result)
		}
	}
	add(r.Findings)
	add(r.Notes)
	add(r.Waived, sarifSuppression{Kind: "inSource"})
	return encode(w, sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

// sarifRuleOf is a rule under the name of its findings, which may not be its key.
func sarifRuleOf(name string, r *Rule) sarifRule {
	return sarifRule{
		ID: name, Short: sarifText{r.Practice}, Full: sarifText{r.Why}, Help: sarifText{r.Fix}, HelpURI: r.Source,
		Default: sarifDefault{r.severity()},
	}
}

func (f Finding) sarif() sarifResult {
	message := strings.Join(append([]string{f.Message + "; " + f.Fix}, f.Details...), "\n")
	location := sarifLocation{Physical: sarifPhysical{Artifact: sarifArtifact{uriOf(f.File)}}}
	if f.Line > 0 {
		location.Physical.Region = &sarifRegion{f.Line}
	}
	if f.File == "" { // a viewer shows nothing without a file: the one that speaks for the image, or its name
		message = f.Place() + ": " + message
		location.Logical = []sarifLogical{{Name: f.Place(), Kind: "resource"}}
		location.Physical.Artifact.URI = uriOf(f.Image)
		if f.ServiceFile != "" {
			location.Physical.Artifact.URI = uriOf(f.ServiceFile)
		}
	}
	return sarifResult{RuleID: f.Rule, Level: f.Severity, Message: sarifText{message}, Locations: []sarifLocation{location}}
}

// uriOf is a path as a URI: relative, or of the scheme file.
func uriOf(p string) string {
	u := url.URL{Path: path.Clean(p)}
	if path.IsAbs(p) {
		u.Scheme = "file"
	}
	return u.String()
}
