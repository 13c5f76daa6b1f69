package catalog

import "strings"

// Hint ends a message about a wrong choice: the nearest right one, or all of them.
func Hint(text string, choices []string) string {
	if near := nearest(text, choices); near != "" {
		return "did you mean " + near + "?"
	}
	if len(choices) == 0 {
		return "there are none yet"
	}
	return "choose one of " + strings.Join(choices, ", ")
}

// nearest is the choice that text most likely stands for, or "" when more than a third of its letters would differ.
func nearest(text string, choices []string) string {
	// Nobody mistypes a word of this length, and the distance costs the product of both lengths.
	if len(text) > 64 {
		return ""
	}
	best, distance := "", max(1, len(text)/3)+1
	for _, choice := range choices {
		if d := edits(strings.ToLower(text), strings.ToLower(choice)); d < distance {
			best, distance = choice, d
		}
	}
	return best
}

// edits counts the letters to insert, delete, replace or swap with their neighbour in order to turn a into b. Swaps are
// the commonest slip and cost one here, which is why this is not a library's Levenshtein distance.
func edits(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		for j := range rows[i] {
			switch {
			case i == 0 || j == 0:
				rows[i][j] = i + j
			case a[i-1] == b[j-1]:
				rows[i][j] = rows[i-1][j-1]
			default:
				rows[i][j] = 1 + min(rows[i-1][j], rows[i][j-1], rows[i-1][j-1])
				if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
					rows[i][j] = min(rows[i][j], 1+rows[i-2][j-2])
				}
			}
		}
	}
	return rows[len(a)][len(b)]
}
