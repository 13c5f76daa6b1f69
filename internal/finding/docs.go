package finding

import (
	"fmt"
	"strings"
	"unicode"
)

// Explain is a rule's entry for a terminal.
func (r *Rule) Explain() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n%s\nSource: %s\nSeverity: %s\n\nFix: %s\n", r.Key, r.Practice, r.Why, r.Source, r.severity(), r.Fix)
	fmt.Fprintf(&b, "\nBad:\n\n%s\nGood:\n\n%s\nWaiver: %s\n", indent(visible(r.Bad)), indent(visible(r.Good)), r.howToWaive())
	return b.String()
}

// Markdown is docs/rules.md: an entry for each rule.
func (all Rules) Markdown() string {
	var b strings.Builder
	b.WriteString(`# Rules

<!-- Written from internal/lint and internal/audit by ` + "`go generate ./cmd/stagecraft`" + `: change those. -->

The rules that ` + "`go tool mage lint`" + ` applies to Dockerfiles, and ` + "`go tool mage audit`" + ` to images. In other repositories,
` + "`stagecraft lint PATH...`" + ` and ` + "`stagecraft audit IMAGE...`" + ` apply the same rules, as far as they can without a service.yaml, and
` + "`stagecraft explain RULE`" + ` prints an entry of this page.

A team's settings are in ` + "`.stagecraft.yaml`" + ` at the root of its repository; flags with the same names override them. Errors and warnings fail a run:

` + "```yaml" + `
fail-on: error                 # warning (the default), error or none
skip: [named, StageNameCasing] # or only: [...]
severity: {pinned: error, layers: note}
` + "```" + `

` + "`-format=sarif`" + ` is for code scanning, ` + "`-format=github`" + ` for annotations in a workflow, ` + "`-format=json`" + ` for scripts. ` + "`.pre-commit-hooks.yaml`" + ` and
` + "`.github/actions/lint`" + ` run the rules for Dockerfiles in other repositories.

`)
	for _, images := range []bool{false, true} {
		b.WriteString(map[bool]string{false: "## Dockerfiles\n\n", true: "## Images\n\n"}[images])
		for _, r := range all {
			if r.Images == images {
				fmt.Fprintf(&b, "- [%s](#%s): %s\n", r.Key, r.Key, r.Practice)
			}
		}
		b.WriteString("\n")
		for _, r := range all {
			if r.Images == images {
				b.WriteString(r.markdown())
			}
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func (r *Rule) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n%s\n\n%s ([source](%s))\n\n", r.Key, r.Practice, r.Why, r.Source)
	language := "dockerfile"
	if !strings.Contains(r.Good, "FROM") {
		language = "text"
	}
	fmt.Fprintf(&b, "Bad:\n\n```%s\n%s```\n\nGood:\n\n```%s\n%s```\n\n", language, visible(r.Bad), language, visible(r.Good))
	fmt.Fprintf(&b, "**Severity.** %s\n\n**Fix.** %s\n\n**Waiver.** %s\n\n", r.severity(), r.Fix, r.howToWaive())
	return b.String()
}

// howToWaive is how to waive one finding of the rule.
func (r *Rule) howToWaive() string {
	switch {
	case r == WaiverRule:
		return "None."
	case r.Images:
		return "In service.yaml, with the path that the finding names: `allow: [{rule: " + r.Key + ", path: /PATH, reason: WHY, until: 2027-06-01}]`; without " +
			"`path` for all findings of this rule that name no path; `until` is optional."
	case r.About != "":
		return "With the name of what the finding is about (" + r.About + "), above the instruction: `# stagecraft: allow=" + r.Key +
			":NAME WHY`; for a rendered Dockerfile in service.yaml: `allow: [{rule: " + r.Key + ", path: NAME, reason: WHY}]`."
	default:
		return "Above the instruction or, for the whole file, at the top with a blank line below: `# stagecraft: allow=" + r.Key + " WHY`; for a rendered Dockerfile in service.yaml: `allow: [{rule: " + r.Key +
			", reason: WHY}]`, which waives every finding of this rule in that file."
	}
}

// visible writes characters that look like others by their numbers.
func visible(text string) string {
	var b strings.Builder
	for _, c := range text {
		if c > unicode.MaxASCII {
			fmt.Fprintf(&b, "<U+%04X>", c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\n"
}
