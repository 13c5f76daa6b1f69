package build

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"example.com/stagecraft/internal/catalog"
)

// Table writes sizes, ceilings and headroom, and below it which bases were used and what was built.
func (r Result) Table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "service\tplatform\tunpacked\tceiling\theadroom\tpull\tceiling\theadroom\t")
	r.each(func(s catalog.Service, p catalog.Platform, size, ceiling catalog.Ceiling) {
		fmt.Fprintf(t, "%s\t%s\t%v\t%v\t%s\t%v\t%v\t%s\t\n", s.Name, p,
			size.Unpacked, ceiling.Unpacked, headroom(size.Unpacked, ceiling.Unpacked),
			size.Pull, ceiling.Pull, headroom(size.Pull, ceiling.Pull))
	})
	if err := t.Flush(); err != nil {
		return err
	}
	state := "nothing changed since the last build"
	if len(r.Built) > 0 {
		state = "built " + strings.Join(r.Built, ", ")
	}
	_, err := fmt.Fprintf(w, "\n%s; bases: %s\n", state, r.Bases.Why)
	return err
}

// each calls visit for every image of the result.
func (r Result) each(visit func(s catalog.Service, p catalog.Platform, size, ceiling catalog.Ceiling)) {
	for _, s := range r.Services {
		for _, p := range r.Platforms {
			size := r.Sizes[s.Name][p]
			visit(s, p, catalog.Ceiling{Unpacked: catalog.Bytes(size.Unpacked), Pull: catalog.Bytes(size.Pull)}, s.Size[p])
		}
	}
}

// headroom is how much of a ceiling is left, in percent of it; OVER when nothing is.
func headroom(is, most catalog.Bytes) string {
	if is > most {
		return "OVER"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(most-is)/float64(most))
}
