package bench

import (
	"fmt"
	"strings"
)

// Chart is bars for a page.
type Chart struct {
	Title string
	Names []string    // below the bars
	Bars  [][]float64 // one for each name; later ones stand in front of earlier ones
}

// Markdown is the chart in the language of Mermaid, which forges and editors draw. Source:
// https://mermaid.js.org/syntax/xyChart.html
func (c Chart) Markdown() string {
	var text strings.Builder
	fmt.Fprintf(&text, "```mermaid\nxychart-beta\n    title %q\n    x-axis [%s]\n", c.Title, strings.Join(c.Names, ", "))
	for _, bars := range c.Bars {
		var values []string
		for _, value := range bars {
			values = append(values, fmt.Sprintf("%.1f", value))
		}
		fmt.Fprintf(&text, "    bar [%s]\n", strings.Join(values, ", "))
	}
	text.WriteString("```\n")
	return text.String()
}
