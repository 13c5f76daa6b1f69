package bench

import "testing"

func TestChart(t *testing.T) {
	got := Chart{Title: "Seconds", Names: []string{"hello-c", "hello-go"}, Bars: [][]float64{{68.8, 132.94}, {9.4, 24}}}.Markdown()
	want := "```mermaid\nxychart-beta\n    title \"Seconds\"\n    x-axis [hello-c, hello-go]\n    bar [68.8, 132.9]\n    bar [9.4, 24.0]\n```\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
