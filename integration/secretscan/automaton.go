package secretscan

// automaton finds many texts in one pass: one step a byte, however many texts there are (Aho and Corasick, 1975). It does
// not see line breaks.
type automaton struct {
	next [][256]int32 // state and byte → state
	hit  []bool       // whether some text ends in a state
	ends [][]int      // which
}

func newAutomaton(all []pattern) *automaton {
	a := &automaton{}
	a.add()
	for n, p := range all {
		state := int32(0)
		for _, b := range []byte(p.text) {
			if a.next[state][b] == 0 {
				a.next[state][b] = a.add()
			}
			state = a.next[state][b]
		}
		a.ends[state] = append(a.ends[state], n)
		a.hit[state] = true
	}
	a.complete()
	return a
}

func (a *automaton) add() int32 {
	a.next, a.hit, a.ends = append(a.next, [256]int32{}), append(a.hit, false), append(a.ends, nil)
	return int32(len(a.next) - 1)
}

// complete gives each state a way for each byte: where its own texts do not go on, that of the longest end of what was
// read with which some text begins.
func (a *automaton) complete() {
	longest := make([]int32, len(a.next))
	var queue []int32
	for _, child := range &a.next[0] {
		if child != 0 {
			queue = append(queue, child)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		state := queue[0]
		fallback := longest[state]
		a.ends[state] = append(a.ends[state], a.ends[fallback]...)
		a.hit[state] = a.hit[state] || a.hit[fallback]
		for b, child := range &a.next[state] {
			if child == 0 {
				a.next[state][b] = a.next[fallback][b]
				continue
			}
			longest[child] = a.next[fallback][b]
			queue = append(queue, child)
		}
	}
	for state := range a.next {
		a.next[state]['\n'], a.next[state]['\r'] = int32(state), int32(state)
	}
}

// stream is an io.Writer through which bytes are searched.
type stream struct {
	*automaton
	state int32
	read  int64
	found func(pattern int, end int64) // end is the offset behind the text
}

// Write searches on. The race detector makes it ten times slower; it has nothing to watch here, where tables are only read.
//
//go:norace
func (s *stream) Write(p []byte) (int, error) {
	state := s.state
	for i, b := range p {
		state = s.next[state][b]
		if s.hit[state] {
			for _, n := range s.ends[state] {
				s.found(n, s.read+int64(i)+1)
			}
		}
	}
	s.state = state
	s.read += int64(len(p))
	return len(p), nil
}
