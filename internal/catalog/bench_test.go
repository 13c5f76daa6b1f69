package catalog

import (
	"fmt"
	"testing"
)

// BenchmarkLoad shows that loading grows linearly: the time per service is reported next to the whole.
func BenchmarkLoad(b *testing.B) {
	for _, count := range []int{50, 200, 800} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			services := make(map[string]string, count)
			for i := range count {
				services[fmt.Sprintf("service-%d", i)] = fullDocument(b)
			}
			root := repository(b, services)
			for b.Loop() {
				if _, err := Services(root); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*count), "us/service")
		})
	}
}
