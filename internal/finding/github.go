package finding

import (
	"cmp"
	"fmt"
	"strings"
)

// annotation is a finding as a workflow command, which GitHub shows at the line of the pull request.
// Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
func annotation(f Finding) string {
	var properties []string
	if file := cmp.Or(f.File, f.ServiceFile); file != "" {
		properties = append(properties, "file="+escapeProperty(file))
		if f.Line > 0 {
			properties = append(properties, fmt.Sprintf("line=%d", f.Line))
		}
	}
	properties = append(properties, "title="+escapeProperty("stagecraft "+f.Rule))
	message := f.Message + "; " + f.Fix
	if f.File == "" {
		message = f.Place() + ": " + message
	}
	for _, detail := range f.Details {
		message += "\n" + detail
	}
	return fmt.Sprintf("::%s %s::%s\n", f.Severity, strings.Join(properties, ","), escapeData(message))
}

var (
	escapeData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace
	escapeProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace
)
