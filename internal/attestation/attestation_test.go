package attestation

import (
	"encoding/json"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	intoto "github.com/in-toto/attestation/go/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

var image = Resource{Name: "hello", Digest: Digest(v1.Hash{Algorithm: "sha256", Hex: strings.Repeat("a1", 32)})}

// in-toto's own types accept a statement, and find what is wrong with one that is not whole.
func TestStatementIsValid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(s *Statement)
		want   string // in the error; empty: none
	}{
		{"whole", func(*Statement) {}, ""},
		{"no type", func(s *Statement) { s.Type = "" }, "wrong statement type"},
		{"no subject", func(s *Statement) { s.Subject = nil }, "at least one subject required"},
		{"no digest", func(s *Statement) { s.Subject = []Resource{{Name: "hello"}} }, "digest"},
		{"no predicate type", func(s *Statement) { s.PredicateType = "" }, "predicate type required"},
	} {
		statement, err := New(SPDX, map[string]string{"spdxVersion": "SPDX-2.3"}, image)
		if err != nil {
			t.Fatal(err)
		}
		c.change(&statement)
		data, err := json.Marshal(statement)
		if err != nil {
			t.Fatal(err)
		}
		var theirs intoto.Statement
		if err := protojson.Unmarshal(data, &theirs); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		switch err := theirs.Validate(); {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: the error is %v, want one with %q", c.name, err, c.want)
		}
	}
}

func TestNewRefusesWhatIsNoJSON(t *testing.T) {
	t.Parallel()
	if _, err := New(SPDX, json.RawMessage("{"), image); err == nil || !strings.Contains(err.Error(), SPDX) {
		t.Errorf("the error is %v, want one that names the type", err)
	}
}
