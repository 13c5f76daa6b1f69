package finding

import (
	"cmp"
	"fmt"
	"strings"
)

// Severity is how bad a finding is: as a linter, GitHub and SARIF call it.
type Severity string

// The severities. An error is a build that fails, a container that does not start, or a danger; a warning is what a reviewer
// would ask to change; a note fails nothing. None is only for Policy.FailOn.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
	None    Severity = "none"
)

// severity is that of what the rule finds.
func (r *Rule) severity() Severity { return cmp.Or(r.Severity, Warning) }

// oneOf is an error unless a severity is among those.
func (s Severity) oneOf(choices ...Severity) error {
	var names []string
	for _, c := range choices {
		if s == c {
			return nil
		}
		names = append(names, string(c))
	}
	return fmt.Errorf("there is no severity %s; choose one of %s", s, strings.Join(names, ", "))
}
