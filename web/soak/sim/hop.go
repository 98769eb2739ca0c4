package sim

import (
	"fmt"
	"math"
)

// hop is one way that messages go.
type hop int

const (
	pageToHost hop = iota
	hostToPage
	hostToServer
	serverToHost
	pageToServer // HTTP of the page itself
	serverToPage

	hopCount
)

var hopNames = [hopCount]string{"page→host", "host→page", "host→server", "server→host", "page→server", "server→page"}

func (h hop) String() string { return hopNames[h] }

// usual is how long a message takes on a good day, in ms, from and to; what a
// postMessage delivers keeps its order, what HTTP delivers need not.
var usual = [hopCount]struct {
	from, to float64
	ordered  bool
}{
	pageToHost:   {0.1, 4, true},
	hostToPage:   {0.1, 4, true},
	hostToServer: {5, 60, false},
	serverToHost: {5, 60, false},
	pageToServer: {5, 80, false},
	serverToPage: {5, 80, false},
}

// way is the state of a hop.
type way struct {
	draws  stream
	last   float64 // when the last ordered message arrives
	faults []*Item // under way
}

// note and about name messages, without cost when nobody reads it.
type note string

func (n note) String() string { return string(n) }

type about struct {
	word string
	r    *request
}

func (a about) String() string { return a.word + a.r.String() }

// fate is what happens to a message on its way.
type fate struct {
	lost   bool
	copies int // beside the first
}

// slowly does something after the time that a slow homeserver takes to answer.
func (w *world) slowly(do func()) {
	for _, item := range w.faults {
		if item.Kind == Slow {
			ms := w.draws.between(1000, item.Amount)
			w.settled = math.Max(w.settled, w.now+ms)
			w.after(ms, do)
			return
		}
	}
	do()
}

// carry takes a message over a hop. Each message takes the same number of
// draws whatever faults are under way: without one of them the others stay.
func (w *world) carry(h hop, what fmt.Stringer, arrive func()) fate {
	way := &w.ways[h]
	draws := [5]float64{way.draws.unit(), way.draws.unit(), way.draws.unit(), way.draws.unit(), way.draws.unit()}
	u := usual[h]
	at := w.now + u.from + (u.to-u.from)*draws[0]
	f, ordered := fate{}, u.ordered
	for _, item := range way.faults {
		switch item.Kind {
		case Loss:
			f.lost = f.lost || draws[1] < item.P
		case Delay:
			if draws[2] < item.P {
				at += item.Amount * draws[3]
			}
		case Reorder:
			at += item.Amount * draws[3]
			ordered = false
		case Duplicate:
			if draws[4] < item.P {
				f.copies = 1
			}
		}
	}
	if f.lost {
		w.stats.Lost++
		w.tell("✗ %s lost: %s", h, what)
		return f
	}
	if ordered {
		at = math.Max(at, way.last)
		way.last = at
	}
	w.settled = math.Max(w.settled, at)
	w.at(at, arrive)
	if f.copies > 0 {
		again := at + 1 + 400*draws[3]
		w.stats.Duplicated++
		w.tell("⧉ %s twice: %s", h, what)
		w.settled = math.Max(w.settled, again)
		w.at(again, arrive)
	}
	return f
}
