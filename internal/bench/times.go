package bench

import (
	"fmt"
	"time"
)

// times are what builds of services took, in each of some ways.
type times struct {
	ways     []way
	services []string
	took     map[string][][]time.Duration // by service, then way
}

func newTimes(ways []way) *times { return &times{ways: ways, took: map[string][][]time.Duration{}} }

func (t *times) add(service string, way int, took time.Duration) {
	if t.took[service] == nil {
		t.services = append(t.services, service)
		t.took[service] = make([][]time.Duration, len(t.ways))
	}
	t.took[service][way] = append(t.took[service][way], took)
}

// keep forgets what came after the first rounds.
func (t *times) keep(rounds int) {
	for _, of := range t.took {
		for i := range of {
			of[i] = of[i][:min(rounds, len(of[i]))]
		}
	}
}

// table has a row a service and their sum: the median of each way, then how many times the first of ours the second takes,
// and how many times the second the article's.
func (t *times) table() Table {
	table := Table{Heading: []string{"service"}}
	for _, w := range t.ways {
		table.Heading = append(table.Heading, w.name)
	}
	table.Heading = append(table.Heading, "two / one", "article / two")
	sums := make([]time.Duration, len(t.ways))
	for _, s := range t.services {
		medians := make([]time.Duration, len(t.ways))
		for i := range t.ways {
			medians[i] = Median(t.took[s][i])
			sums[i] += medians[i]
		}
		table.Rows = append(table.Rows, row(s, medians))
	}
	table.Rows = append(table.Rows, row("together", sums))
	return table
}

// chart shows the article's way behind ours, both for all platforms.
func (t *times) chart(title string) Chart {
	chart := Chart{Title: title, Names: t.services, Bars: make([][]float64, 2)}
	for _, s := range t.services {
		for i, way := range []int{2, 1} {
			chart.Bars[i] = append(chart.Bars[i], Median(t.took[s][way]).Seconds())
		}
	}
	return chart
}

func row(name string, medians []time.Duration) []string {
	cells := []string{name}
	for _, m := range medians {
		cells = append(cells, fmt.Sprintf("%.1f", m.Seconds()))
	}
	return append(cells, Ratio(medians[1], medians[0]), Ratio(medians[2], medians[1]))
}

func (t *times) spread() (widest float64) {
	for _, of := range t.took {
		for _, took := range of {
			widest = max(widest, Spread(took))
		}
	}
	return widest
}
