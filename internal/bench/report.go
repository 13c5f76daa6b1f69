package bench

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/stagecraft/internal/catalog"
)

// Report is what duels came to.
type Report struct {
	Answers Table // how jobs were answered
	Process Table // what a service takes before anybody asks
	Note    string
	widest  float64 // distance of a round's answers a second from their median, in parts of it
}

// full is how much of a processor is all of it, within what can be measured.
const full = 0.9

func (r *Report) add(service catalog.Service, all []contestant, jobs []catalog.Check, samples [][]sample) {
	r.Answers.Heading = []string{"service", "asked", "who", "answers/s", "p50 ms", "p99 ms", "µs of CPU an answer"}
	r.Process.Heading = []string{"service", "who", "first answer ms", "idle MiB"}
	for _, job := range jobs {
		var medians []speed
		for _, rounds := range samples {
			medians = append(medians, r.median(rounds, func(s sample) speed { return s.jobs[job.Name] }))
		}
		for i, c := range all {
			s, p, isPeer := medians[i], medians[c.rival], c.rival == i
			bound := ""
			if s.clientBusy > full && s.serverBusy < full { // the load could not ask faster
				bound = "≥ "
			}
			r.Answers.Rows = append(r.Answers.Rows, []string{
				service.Name, job.Method + " " + job.Path, c.name,
				bound + compared(fmt.Sprintf("%.0f", s.perSecond), s.perSecond, p.perSecond, isPeer),
				compared(milliseconds(s.p50), s.p50, p.p50, isPeer),
				compared(milliseconds(s.p99), s.p99, p.p99, isPeer),
				compared(fmt.Sprintf("%.1f", float64(s.perAnswer)/1e3), s.perAnswer, p.perAnswer, isPeer),
			})
		}
	}
	r.addAlive(service, all, jobs, samples)
	starts, memories := make([]time.Duration, len(all)), make([]uint64, len(all))
	for i, rounds := range samples {
		starts[i] = Median(column(rounds, func(s sample) time.Duration { return s.start }))
		memories[i] = Median(column(rounds, func(s sample) uint64 { return s.memory }))
	}
	for i, c := range all[:2] { // the others differ only in what they write
		r.Process.Rows = append(r.Process.Rows, []string{
			service.Name, c.name,
			compared(milliseconds(starts[i]), starts[i], starts[c.rival], i == c.rival),
			compared(fmt.Sprintf("%.1f", float64(memories[i])/(1<<20)), memories[i], memories[c.rival], i == c.rival),
		})
	}
}

// addAlive adds how the live path was answered next to jobs that cost time.
func (r *Report) addAlive(service catalog.Service, all []contestant, jobs []catalog.Check, samples [][]sample) {
	for _, job := range jobs {
		if _, measured := samples[0][0].alive[job.Name]; !measured {
			continue
		}
		var medians []speed
		for _, rounds := range samples {
			medians = append(medians, r.median(rounds, func(s sample) speed { return s.alive[job.Name] }))
		}
		for i, c := range all {
			r.Answers.Rows = append(r.Answers.Rows, []string{
				service.Name, "GET " + service.Health.Live + " next to " + job.Path, c.name, "",
				compared(milliseconds(medians[i].p50), medians[i].p50, medians[c.rival].p50, i == c.rival),
				compared(milliseconds(medians[i].p99), medians[i].p99, medians[c.rival].p99, i == c.rival), "",
			})
		}
	}
}

// median is of each figure by itself.
func (r *Report) median(rounds []sample, part func(sample) speed) speed {
	of := func(figure func(speed) float64) float64 {
		values := column(rounds, func(s sample) float64 { return figure(part(s)) })
		return Median(values)
	}
	r.widest = max(r.widest, Spread(column(rounds, func(s sample) float64 { return part(s).perSecond })))
	return speed{
		perSecond:  of(func(s speed) float64 { return s.perSecond }),
		p50:        time.Duration(of(func(s speed) float64 { return float64(s.p50) })),
		p99:        time.Duration(of(func(s speed) float64 { return float64(s.p99) })),
		perAnswer:  time.Duration(of(func(s speed) float64 { return float64(s.perAnswer) })),
		serverBusy: of(func(s speed) float64 { return s.serverBusy }),
		clientBusy: of(func(s speed) float64 { return s.clientBusy }),
	}
}

func column[V any](rounds []sample, figure func(sample) V) []V {
	values := make([]V, len(rounds))
	for i, s := range rounds {
		values[i] = figure(s)
	}
	return values
}

// compared is a figure and, unless it is the peer's own, its ratio to the peer's.
func compared[N Number](text string, value, peer N, isPeer bool) string {
	if isPeer {
		return text
	}
	return text + " (" + Ratio(value, peer) + ")"
}

func milliseconds(d time.Duration) string {
	switch ms := float64(d) / 1e6; {
	case ms < 10:
		return fmt.Sprintf("%.2f", ms)
	default:
		return fmt.Sprintf("%.0f", ms)
	}
}

// Remarks are what a reader of the tables must know.
func (r Report) Remarks() []string {
	remarks := []string{
		fmt.Sprintf("Medians of %d rounds, in turn; in brackets how many times that of the peer in the next row, which does the same work. No round's answers/s is further than %.0f %% from the median.", rounds, 100*r.widest),
		fmt.Sprintf("%d connections, each of which asks again when it has its answer; for %v after a warm-up of %v.", pace.Connections, pace.Duration, pace.Warmup),
	}
	if slices.ContainsFunc(r.Answers.Rows, func(row []string) bool { return strings.HasPrefix(row[3], "≥") }) {
		remarks = append(remarks, "≥: the load's processors were busier than the server's: it would have answered more. The processor time of an answer is the fairer figure there.")
	}
	if r.Note != "" {
		remarks = append(remarks, r.Note)
	}
	return remarks
}
