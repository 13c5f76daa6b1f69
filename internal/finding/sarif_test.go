package finding

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// What SARIF 2.1.0 requires and GitHub's code scanning reads.
// Source: https://docs.github.com/en/code-security/reference/code-scanning/sarif-support-for-code-scanning
func TestSARIF(t *testing.T) {
	t.Parallel()
	r := exampleReport()
	r.Findings = append(r.Findings, Finding{Rule: "UndefinedVar", Severity: Warning, File: "/abs/a b/Dockerfile", Line: 2, Message: "m", Fix: "f"})
	var out bytes.Buffer
	if err := r.Write(&out, Style{Format: SARIF}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Schema  string `json:"$schema"`
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct {
						ID, HelpURI                             string
						ShortDescription, FullDescription, Help struct{ Text string }
						DefaultConfiguration                    struct{ Level string }
					}
				}
			}
			Results []struct {
				RuleID, Level string
				RuleIndex     *int
				Message       struct{ Text string }
				Locations     []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           *struct{ StartLine int }
					}
				}
				Suppressions []struct{ Kind string }
			}
		}
	}
	text := out.String()
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != "2.1.0" || !strings.HasSuffix(got.Schema, "sarif-2.1.0.json") || len(got.Runs) != 1 {
		t.Fatalf("not SARIF 2.1.0: %s", text)
	}
	rules := got.Runs[0].Tool.Driver.Rules
	levels := []string{"error", "warning", "note", "none"}
	for _, rule := range rules {
		if rule.ID == "" || rule.ShortDescription.Text == "" || rule.FullDescription.Text == "" || rule.Help.Text == "" ||
			!strings.HasPrefix(rule.HelpURI, "https://") || !slices.Contains(levels, rule.DefaultConfiguration.Level) {
			t.Errorf("a rule lacks something: %+v", rule)
		}
	}
	var places []string
	for _, result := range got.Runs[0].Results {
		if result.RuleIndex == nil || *result.RuleIndex >= len(rules) || rules[*result.RuleIndex].ID != result.RuleID {
			t.Errorf("ruleIndex does not lead to %s", result.RuleID)
		}
		if result.Message.Text == "" || !slices.Contains(levels, result.Level) || len(result.Locations) != 1 {
			t.Errorf("a result lacks something: %+v", result)
			continue
		}
		where := result.Locations[0].PhysicalLocation
		if u, err := url.Parse(where.ArtifactLocation.URI); err != nil || u.Path == "" || u.IsAbs() != strings.HasPrefix(u.Path, "/") {
			t.Errorf("%q is not a URI of a file: %v", where.ArtifactLocation.URI, err)
		}
		if where.Region != nil && where.Region.StartLine < 1 {
			t.Errorf("a region starts at line %d", where.Region.StartLine)
		}
		place := result.Level + " " + result.RuleID + " " + where.ArtifactLocation.URI
		for _, s := range result.Suppressions {
			place += " " + s.Kind
		}
		places = append(places, place)
	}
	want := "warning pinned a,b/Dockerfile, warning size services/demo/service.yaml, error arch demo, warning UndefinedVar file:///abs/a%20b/Dockerfile, " +
		"note size demo, warning lean demo inSource"
	if s := strings.Join(places, ", "); s != want {
		t.Errorf("results are %s, want %s", s, want)
	}
}

// A finding is shown at its line, or by the name of its image where no file has it.
func TestSARIFLocations(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]Finding{
		`{"physicalLocation":{"artifactLocation":{"uri":"Dockerfile"},"region":{"startLine":7}}}`:                                                          {File: "Dockerfile", Line: 7},
		`{"physicalLocation":{"artifactLocation":{"uri":".dockerignore"}}}`:                                                                                {File: ".dockerignore"},
		`{"physicalLocation":{"artifactLocation":{"uri":"shop/a"}},"logicalLocations":[{"fullyQualifiedName":"shop/a:linux/amd64:/x","kind":"resource"}]}`: {Image: "shop/a", Platform: "linux/amd64", Path: "/x"},
	} {
		got, err := json.Marshal(f.sarif().Locations[0])
		if err != nil || string(got) != want {
			t.Errorf("%+v is at %s, %v, want %s", f, got, err, want)
		}
	}
}
