package main

import (
	"fmt"
	"math"
)

// binMs is the grain in which requests are counted; a peak is the busiest
// second, wherever it begins.
const (
	binMs     = 100
	binsOfOne = 1000 / binMs
)

// maxRatio bounds the busiest second after an outage, in steady rates.
const maxRatio = 2

// Result is what a case yields.
type Result struct {
	Case
	Steady     float64 // requests a second, on average before the outage
	SteadyPeak float64 // busiest second before it
	DownPeak   float64 // busiest second of the outage
	Peak       float64 // busiest second since the homeserver is back
	PeakAt     float64 // s since then
	Kept       int     // holds whose leave never went out
	Doomed     int     // leaves that fell due within the outage
	Lost       int     // leaves that could have been kept
	Early      int     // leaves that went out before the outage
	Unreported int     // losses that the first answered refresh did not report
	Unwell     int     // holds that are not held at the end
	Told       float64 // s from the return until the last page knew of its loss
	Again      float64 // s from the return until the last state was in the room again
	Seconds    []int32 // requests, by the second
}

func (r *Result) String() string {
	s := fmt.Sprintf("%-34s steady %5.0f/s", &r.Case, r.Steady)
	if r.OutageMs > 0 {
		s += fmt.Sprintf("  down %5.0f/s  after %5.0f/s at %5.1f s: %.2f  kept %5d  doomed %5d  lost %d",
			r.DownPeak, r.Peak, r.PeakAt, r.Ratio(), r.Kept, r.Doomed, r.Lost)
	}
	return s
}

// Ratio is the peak after the outage in steady rates.
func (r *Result) Ratio() float64 { return r.Peak / r.Steady }

func (w *world) result() *Result {
	c := w.set
	r := &Result{
		Case: *c, Early: w.early, Lost: w.avoidable, Doomed: w.fired - w.avoidable - w.early,
		Unreported: w.unreported, Unwell: w.unwell(),
	}
	down, back := c.downAt(), c.backAt()
	from := down - c.aboutAMinute()
	r.Steady = float64(w.count(from, down)) / (down - from) * 1000
	r.SteadyPeak, _ = w.busiest(from, down)
	if c.OutageMs > 0 {
		r.DownPeak, _ = w.busiest(down, back)
		at := 0.0
		r.Peak, at = w.busiest(back, c.endAt())
		r.PeakAt = (at - back) / 1000
	}
	for _, p := range w.pages {
		if p.fired == 0 {
			r.Kept++
			continue
		}
		if p.losses == 0 {
			r.Unreported++
		}
		r.Told = math.Max(r.Told, (p.toldAt-back)/1000)
		r.Again = math.Max(r.Again, (p.againAt-back)/1000)
	}
	for at := 0.0; at < c.endAt(); at += 1000 {
		r.Seconds = append(r.Seconds, int32(w.count(at, at+1000)))
	}
	return r
}

// count counts the requests of a span.
func (w *world) count(from, to float64) (n int) {
	for bin := int(math.Round(from / binMs)); bin < int(math.Round(to/binMs)) && bin < len(w.server.bins); bin++ {
		n += int(w.server.bins[bin])
	}
	return n
}

// busiest finds the busiest second of a span.
func (w *world) busiest(from, to float64) (most, at float64) {
	first := int(math.Round(from / binMs))
	sum := 0
	for bin := first; bin < int(math.Round(to/binMs)) && bin < len(w.server.bins); bin++ {
		sum += int(w.server.bins[bin])
		if bin-first >= binsOfOne {
			sum -= int(w.server.bins[bin-binsOfOne])
		}
		if float64(sum) > most {
			most, at = float64(sum), math.Max(from, float64(bin+1-binsOfOne)*binMs)
		}
	}
	return most, at
}

// Faults lists what must not be.
func (r *Result) Faults() (list []string) {
	say := func(n int, text string) {
		if n > 0 {
			list = append(list, fmt.Sprintf("%s: %d %s", &r.Case, n, text))
		}
	}
	if r.Outage != Lossy { // where nothing arrives for a timeout, nothing can be kept
		say(r.Lost, "leaves went out that could have been kept")
	}
	say(r.Early, "leaves went out while the homeserver was up")
	say(r.Unreported, "losses were not reported with the first answered refresh")
	say(r.Unwell, "holds are not held at the end")
	if r.OutageMs > 0 && r.Outage != Lossy && r.Ratio() > maxRatio {
		list = append(list, fmt.Sprintf("%s: %.0f requests a second %.1f s after the homeserver is back, %.2f times the steady %.0f",
			&r.Case, r.Peak, r.PeakAt, r.Ratio(), r.Steady))
	}
	return list
}
