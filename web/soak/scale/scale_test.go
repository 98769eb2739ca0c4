package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// some are fewer holds than the figure's: enough for a second's count to mean
// something.
const some = 3000

func TestHalfAMinuteIsNoStampedeAndLosesNothingThatCouldBeKept(t *testing.T) {
	var cases []Case
	for _, timeoutS := range []float64{10, 30, 40} {
		for _, o := range []Outage{Gateway, Silent, Held, Cut} {
			cases = append(cases, outageOf(some, timeoutS, 30, o))
		}
	}
	for _, r := range RunAll(cases) {
		for _, fault := range r.Faults() {
			t.Error(fault)
		}
		if r.Kept+r.Doomed+r.Lost < r.Holds {
			t.Errorf("%s: of %d holds %d were kept, %d doomed, %d lost", &r.Case, r.Holds, r.Kept, r.Doomed, r.Lost)
		}
	}
}

// quietAfter asserts that what comes after an outage is bearable.
func quietAfter(t *testing.T, c Case) {
	t.Helper()
	if r := Run(&c); r.Ratio() > maxRatio {
		t.Errorf("%s: %.0f requests a second after it, %.2f times the steady %.0f", &c, r.Peak, r.Ratio(), r.Steady)
	}
}

func TestHoldsLostInAnOutageComeBackOneByOne(t *testing.T) {
	quietAfter(t, outageOf(some, 10, 30, Gateway))
}

func TestRefreshesAfterAnOutageAreSpread(t *testing.T) {
	quietAfter(t, outageOf(some, 30, 30, Gateway))
}

func TestHoldsOfALongTimeoutComeThrough(t *testing.T) {
	for _, r := range RunAll([]Case{outageOf(300, 45, 30, Silent), outageOf(300, 60, 30, Cut), outageOf(300, 120, 30, Gateway)}) {
		if r.Kept != r.Holds {
			t.Errorf("%s: %d of %d were kept", &r.Case, r.Kept, r.Holds)
		}
	}
}

func TestHoldsOfAShortTimeoutAreLostReportedAndHeldAgain(t *testing.T) {
	c := outageOf(300, 10, 30, Gateway)
	r := Run(&c)
	if r.Doomed != c.Holds || r.Unreported != 0 || r.Unwell != 0 {
		t.Fatalf("of %d holds %d were doomed, %d unreported, %d unwell at the end", c.Holds, r.Doomed, r.Unreported, r.Unwell)
	}
	if r.Told > 3 || r.Again < 5 || r.Again > 15 {
		t.Errorf("told after %.1f s, in the room again after %.1f s", r.Told, r.Again)
	}
}

// A few of the holds may be unlucky; without the quick attempts
// after a loss two of five expire.
func TestHoldsOfAShortTimeoutLastWhereAThirdIsLost(t *testing.T) {
	c := outageOf(500, 10, 300, Lossy)
	c.Loss = 0.3
	if r := Run(&c); r.Kept < 490 || r.Unwell > 0 {
		t.Errorf("of %d holds %d never expired, and %d are not well at the end", r.Holds, r.Kept, r.Unwell)
	}
}

func TestRefreshesAfterAShortSilenceAreAboveTheLineAndSaidToBe(t *testing.T) {
	c := outageOf(some, 30, 5, Silent)
	r := Run(&c)
	if len(r.Faults()) != 1 || !strings.Contains(r.Faults()[0], "times the steady") {
		t.Fatalf("ratio %.2f: %v", r.Ratio(), r.Faults())
	}
}

func TestEachKindOfFaultIsNamed(t *testing.T) {
	c := outageOf(1, 10, 30, Gateway)
	for _, r := range []Result{
		{Steady: 100, Peak: 201},
		{Steady: 100, Peak: 100, Lost: 1},
		{Steady: 100, Peak: 100, Early: 1},
		{Steady: 100, Peak: 100, Unreported: 1},
		{Steady: 100, Peak: 100, Unwell: 1},
	} {
		r.Case = c
		if len(r.Faults()) != 1 {
			t.Errorf("%+v: %v", r, r.Faults())
		}
	}
	if r := (Result{Case: c, Steady: 100, Peak: 200}); len(r.Faults()) != 0 {
		t.Errorf("%v", r.Faults())
	}
}

func TestSameCaseIsTheSameTwice(t *testing.T) {
	c := outageOf(50, 10, 30, Cut)
	if a, b := Run(&c), Run(&c); !slices.Equal(a.Seconds, b.Seconds) {
		t.Errorf("%v\n%v", a.Seconds, b.Seconds)
	}
}

func TestBusiestSecondMayBeginAnywhere(t *testing.T) {
	w := &world{server: homeserver{bins: make([]int32, 100)}}
	for bin := 25; bin < 35; bin++ {
		w.server.bins[bin] = 7
	}
	if most, at := w.busiest(0, 10000); most != 70 || at != 2500 {
		t.Errorf("%g at %g ms", most, at)
	}
	if n := w.count(2000, 3000); n != 35 {
		t.Errorf("counted %d", n)
	}
}

// docs is a generated file.
func docs(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// rows are the cells of the table below a heading.
func rows(t *testing.T, heading string) (list [][]string) {
	t.Helper()
	_, text, ok := strings.Cut(docs(t, "scale.md"), "## "+heading+"\n")
	if !ok {
		t.Fatalf("scale.md has no %q", heading)
	}
	for _, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| `") && !strings.HasPrefix(line, "| timeout"):
			cells := strings.Split(strings.Trim(line, "| "), "|")
			for i := range cells {
				cells[i] = strings.Trim(cells[i], " *")
			}
			list = append(list, cells)
		case strings.HasPrefix(line, "## "):
			return list
		}
	}
	return list
}

// number reads a cell.
func number(t *testing.T, cell string) float64 {
	t.Helper()
	digits := strings.ReplaceAll(regexp.MustCompile(`[0-9.,]+`).FindString(cell), ",", "")
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		t.Fatalf("%q is no number", cell)
	}
	return n
}

func TestScaleDocumentHoldsWhatIsPromised(t *testing.T) {
	figure := regexp.MustCompile(`scale: holds=10000 outage_s=30 cases=(\d+) steady_rps=\d+ peak_rps=\d+ ratio=([0-9.]+) lost=0 kept=\d+`).
		FindStringSubmatch(docs(t, "scale.md"))
	cases := Outages(10000)
	if figure == nil || number(t, figure[2]) > maxRatio || int(number(t, figure[1])) != len(cases) {
		t.Fatalf("the figure is %q", figure)
	}
	table := rows(t, "Half a minute")
	if len(table) != len(cases) {
		t.Fatalf("%d rows for %d outages: run make scale", len(table), len(cases))
	}
	for i, cells := range table {
		if number(t, cells[0]) != cases[i].TimeoutMs/1000 || !strings.HasPrefix(cells[1], cases[i].Outage.String()) ||
			number(t, cells[5]) > maxRatio || cells[8] != "0" {
			t.Errorf("%s: %q", &cases[i], cells)
		}
	}
}

func TestScaleDocumentIsUpToDate(t *testing.T) {
	near := func(what string, cell string, want, within float64) {
		t.Helper()
		if got := number(t, cell); math.Abs(got-want) > within {
			t.Errorf("%s: scale.md says %s, a short run %.2f: run make scale", what, cell, want)
		}
	}
	costs := Costs(200)
	table := rows(t, "What refresh intervals cost a homeserver")
	if len(table) != len(costs) {
		t.Fatalf("%d rows for %d", len(table), len(costs))
	}
	for i, r := range RunAll(costs) {
		steady := r.Steady / float64(r.Holds) * 10000
		near(r.Case.String(), table[i][2], steady, 0.03*steady)
	}
	// Those of 40 s show how late a hold still asks.
	for _, cells := range rows(t, "Half a minute") {
		if number(t, cells[0]) == 40 && cells[1] == Silent.String() {
			c := outageOf(some, 40, 30, Silent)
			r := Run(&c)
			near("steady", cells[2], r.Steady/some*10000, 20)
			near("ratio", cells[5], r.Ratio(), 0.25)
			near("kept", cells[6], float64(r.Kept)/some*10000, 300)
		}
	}
}

func TestPlotIsWellFormedAndReadsInLightAndDark(t *testing.T) {
	text := docs(t, "scale.svg")
	decoder := xml.NewDecoder(strings.NewReader(text))
	curves := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "path" {
			for _, a := range e.Attr {
				if a.Name.Local == "d" && strings.Count(a.Value, "L") > 100 {
					curves++
				}
			}
		}
	}
	if curves != 5*len(plotted) {
		t.Errorf("%d curves", curves)
	}
	for _, want := range []string{"prefers-color-scheme:dark", "requests / s", "seconds since it is back", "timeout 120 s"} {
		if !strings.Contains(text, want) {
			t.Errorf("the plot lacks %q", want)
		}
	}
	if len(text) > 40000 {
		t.Errorf("%d bytes", len(text))
	}
}
