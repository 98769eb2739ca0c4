package main

import (
	"fmt"
	"math"
)

// Outage says how a homeserver is out of reach.
type Outage int

const (
	// Gateway: a proxy answers 502 at once; the host relays it.
	Gateway Outage = iota
	// Refused: connections fail at once; the host says no more than "error".
	Refused
	// Silent: nothing is ever answered.
	Silent
	// Held: requests wait and are all served at the moment it is back.
	Held
	// Cut: requests wait and all fail at the moment it is back.
	Cut
	// Lossy is no outage: some requests and some answers do not arrive.
	Lossy
)

var outageNames = [...]string{"502", "refused", "silence", "held", "cut", "loss"}

// kinds are those of an outage.
var kinds = []Outage{Gateway, Refused, Silent, Held, Cut}

func (o Outage) String() string { return outageNames[o] }

// Case is a number of holds on one homeserver and what happens to it.
type Case struct {
	Holds     int
	TimeoutMs float64
	RefreshMs float64 // 0: the default, a quarter of the timeout
	OutageMs  float64 // 0: none
	Outage    Outage
	Loss      float64 // of Lossy, in each direction
	Watched   bool    // the pages hear of their state's events
	Seed      uint64
}

func (c *Case) String() string {
	s := fmt.Sprintf("timeout %g s", c.TimeoutMs/1000)
	switch {
	case c.Outage == Lossy:
		s += fmt.Sprintf(", %.0f %% lost each way for %g s", 100*c.Loss, c.OutageMs/1000)
	case c.OutageMs > 0:
		s += fmt.Sprintf(", %s for %g s", c.Outage, c.OutageMs/1000)
	}
	return s
}

func outageOf(holds int, timeoutS, outageS float64, o Outage) Case {
	return Case{Holds: holds, TimeoutMs: timeoutS * 1000, OutageMs: outageS * 1000, Outage: o, Watched: true, Seed: 1}
}

// Outages are the cases of the figure: half a minute of each kind. Holds of 10 s
// and 30 s are all lost in it, whatever anybody does; of those of 40 s some fall
// due in the first seconds after it, so that it shows who asks too late.
func Outages(holds int) (list []Case) {
	for _, timeoutS := range []float64{10, 30, 40, 60, 120} {
		for _, o := range kinds {
			if o != Refused || timeoutS == 60 { // to a hold it is what a 502 is
				list = append(list, outageOf(holds, timeoutS, 30, o))
			}
		}
	}
	c := outageOf(holds, 10, 30, Gateway)
	c.Watched = false
	return append(list, c)
}

// others are the outages drawn for timeouts that nobody has named.
var others = []Outage{Gateway, Silent, Held}

// Others are half a minute for timeouts between those of [Outages].
func Others(holds int) (list []Case) {
	for _, timeoutS := range []float64{15, 20, 25, 35, 45, 90} {
		for _, o := range others {
			list = append(list, outageOf(holds, timeoutS, 30, o))
		}
	}
	return list
}

// lengths are those of other outages, in seconds.
var lengths = []float64{5, 10, 20, 60}

// Lengths are outages that are shorter or longer.
func Lengths(holds int) (list []Case) {
	for _, timeoutS := range []float64{10, 30, 60, 120} {
		for _, o := range []Outage{Gateway, Silent} {
			for _, s := range lengths {
				list = append(list, outageOf(holds, timeoutS, s, o))
			}
		}
	}
	return list
}

// Costs are holds on a homeserver that is well.
func Costs(holds int) (list []Case) {
	for _, row := range [][2]float64{
		{8, 0}, {10, 0}, {18, 4}, {20, 0}, {30, 0}, {60, 0}, {60, 5}, {120, 0}, {300, 0},
	} {
		list = append(list, Case{Holds: holds, TimeoutMs: row[0] * 1000, RefreshMs: row[1] * 1000, Watched: true, Seed: 3})
	}
	return list
}

// Losses are five minutes on a lossy network.
func Losses(holds int) (list []Case) {
	for _, timeoutS := range []float64{10, 30, 60} {
		for _, loss := range []float64{0.1, 0.3} {
			c := outageOf(holds, timeoutS, 300, Lossy)
			c.Loss = loss
			list = append(list, c)
		}
	}
	return list
}

// everyMs is how often a hold is refreshed, on average: each period is jittered
// into the last tenth.
func (c *Case) everyMs() float64 { return 0.95 * c.refreshMs() }

func (c *Case) refreshMs() float64 {
	if c.RefreshMs == 0 {
		return c.TimeoutMs / 4
	}
	return c.RefreshMs
}

// aboutAMinute is how long the joins take, and for how long the steady rate is
// measured: a whole number of refresh periods, since the joins of a minute come
// back as waves of their refreshes for an hour where it is not.
func (c *Case) aboutAMinute() float64 {
	return c.everyMs() * math.Max(1, math.Round(57000/c.everyMs()))
}

// downAt is when the homeserver goes down: a whole second.
func (c *Case) downAt() float64 {
	return 1000 * math.Ceil((2*c.aboutAMinute()+2*c.everyMs())/1000)
}

func (c *Case) backAt() float64 { return c.downAt() + c.OutageMs }

// endAt leaves time to find out, to arm anew and to settle.
func (c *Case) endAt() float64 {
	if c.OutageMs == 0 {
		return c.downAt()
	}
	return c.backAt() + math.Max(90000, c.TimeoutMs+2*c.everyMs())
}
