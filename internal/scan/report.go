package scan

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"example.com/stagecraft/internal/finding"
)

// WriteTable writes findings as a table, one line for all services with the same.
func WriteTable(w io.Writer, all []Finding) error {
	if len(all) == 0 {
		return nil
	}
	type row struct{ severity, name, pkg, version, fixed, result string }
	var rows []row
	services := map[row][]string{}
	for _, f := range all {
		r := row{string(f.Severity), f.Name, f.Package.Name, f.Package.Version, cmp.Or(strings.Join(f.Fixed, ", "), "-"), cmp.Or(f.Pass, "fails")}
		if f.Unrated {
			r.severity = "unrated"
		}
		if services[r] == nil {
			rows = append(rows, r)
		}
		services[r] = append(services[r], f.Service.Name)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "severity\tvulnerability\tpackage\tversion\tfixed in\tservices\tresult")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.severity, r.name, r.pkg, r.version, r.fixed, strings.Join(services[r], ", "), r.result)
	}
	return table.Flush()
}

// WriteSARIF writes findings for GitHub's code scanning, at the service.yaml of each service: what passes as a note, and what is waived
// as suppressed.
func WriteSARIF(w io.Writer, all []Finding) error {
	var report finding.Report
	for _, f := range all {
		if report.Rules.Find(f.Name) == nil {
			report.Rules = append(report.Rules, &finding.Rule{
				Key: f.Name, Severity: finding.Error, Practice: cmp.Or(f.Summary, f.Name), Why: strings.Join(f.Names, ", "),
				Source: "https://osv.dev/" + f.ID, Fix: "Update the package, or state in vex.openvex.json why the image is not affected.",
			})
		}
		one := finding.Finding{
			Rule: f.Name, File: f.Service.Dir + "/service.yaml",
			Message: fmt.Sprintf("%s %s has %s", f.Package.Name, f.Package.Version, f.Name), Fix: f.fix(),
		}
		switch {
		case f.Waived:
			report.Waived = append(report.Waived, one)
		case f.Pass != "":
			report.Notes = append(report.Notes, one)
		default:
			report.Findings = append(report.Findings, one)
		}
	}
	report.Finish()
	return report.Write(w, finding.Style{Format: finding.SARIF})
}

func (f Finding) fix() string {
	if len(f.Fixed) == 0 {
		return "there is no fix yet"
	}
	return "update it to " + strings.Join(f.Fixed, " or ")
}

// Failing is how many findings fail the scan.
func Failing(all []Finding) int {
	n := 0
	for _, f := range all {
		if f.Pass == "" {
			n++
		}
	}
	return n
}
