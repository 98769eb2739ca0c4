package sim

import (
	"fmt"
	"io"
	"strings"
)

// Transcript is what happened, line by line.
type Transcript struct {
	lines []string
	times []float64
}

func (t *Transcript) add(ms float64, line string) {
	t.lines = append(t.lines, line)
	t.times = append(t.times, ms)
}

// Write writes the lines from the time given on; long stretches in which a
// refresh follows the other are told as one line.
func (t *Transcript) Write(to io.Writer, fromMs float64) {
	skip := 0
	for skip < len(t.lines) && t.times[skip] < fromMs {
		skip++
	}
	if skip > 0 {
		fmt.Fprintf(to, "            … %d lines before\n", skip)
	}
	for i := skip; i < len(t.lines); {
		n := i
		for n < len(t.lines) && routine(t.lines[n]) {
			n++
		}
		const few = 6 // of them are told at either end
		if n-i > 3*few {
			t.tell(to, i, i+few)
			fmt.Fprintf(to, "            … %d lines of refreshing\n", n-i-2*few)
			i = n - few
		}
		n = max(n, i+1)
		t.tell(to, i, n)
		i = n
	}
}

func (t *Transcript) tell(to io.Writer, from, until int) {
	for i := from; i < until; i++ {
		fmt.Fprintf(to, "%11.3fs %s\n", t.times[i]/1000, t.lines[i])
	}
}

// routine reports whether the line tells of a refresh, of its success, or that
// all is well.
func routine(line string) bool {
	switch {
	case strings.HasPrefix(line, "→ restart "), strings.HasPrefix(line, "→ POST refresh"):
		return true
	case strings.HasPrefix(line, "← answer to restart"), strings.HasPrefix(line, "← answer to POST refresh"):
		return strings.HasSuffix(line, ": ok")
	}
	line = strings.TrimSpace(line)
	return strings.HasSuffix(line, " is held") || strings.HasSuffix(line, " is alive")
}
