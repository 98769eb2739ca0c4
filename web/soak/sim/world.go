package sim

import (
	"fmt"
	"math"
	"runtime/debug"
	"slices"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/web/soak/queue"
)

// world is a plan under way.
type world struct {
	plan  *Plan
	set   *Setting
	now   float64 // true time, ms
	queue queue.Queue[func()]
	ways  [hopCount]way

	device device
	server *server
	page   *page   // of the present life, nil between two
	lives  []*page // all of them, the dead included
	host   *host

	contents []content // by handle
	words    map[string]int32
	draws    stream // of what is nobody else's
	whims    stream // of what page code does while effects are carried out

	faults  []*Item   // under way, those of a hop excepted
	active  int       // windows under way
	quiet   float64   // no window is under way since
	settled float64   // what went out so far has arrived by then
	ghosts  []*keeper // holds that nobody looks after any more
	ending  bool      // the plan is over: no faults, no next life

	violations []Violation
	log        *Transcript
	look       []Invariant
	core       func(future.Config) (Core, *future.Client)
	stats      Stats
}

// content is what a handle of the page's contents stands for.
type content struct {
	of      *keeper // nil: a plain event's or a lone future's
	life    int
	version int
	leave   bool
	class   int      // of contents that are equal to it; 0: it is like no other
	req     *request // that asks for a future of the page's own
}

func newWorld(plan *Plan, log *Transcript) *world {
	w := &world{
		plan: plan, set: &plan.Setting, log: log, words: map[string]int32{}, contents: []content{{}},
		draws: newStream(plan.Seed, 1), whims: newStream(plan.Seed, 2),
	}
	for i := range w.ways {
		w.ways[i].draws = newStream(plan.Seed, 100+uint64(i))
	}
	for i, name := range protocol.Names() {
		if i > 0 {
			w.words[name] = int32(i)
		}
	}
	w.server = newServer(w)
	w.host = newHost(w)
	w.device.w = w
	for i := range plan.Items {
		item := &plan.Items[i]
		w.at(item.At, func() { w.begin(item) })
	}
	return w
}

// at plans an event of the true time t.
func (w *world) at(t float64, do func()) { w.queue.Add(math.Max(t, w.now), do) }

// after plans an event ms from now.
func (w *world) after(ms float64, do func()) { w.at(w.now+ms, do) }

// word makes a recurring text as the border does.
func (w *world) word(s string) protocol.Value {
	id, ok := w.words[s]
	if !ok {
		id = int32(len(w.words) + 1)
		w.words[s] = id
	}
	return protocol.Value{Kind: protocol.Text, ID: id, Str: s}
}

// keep makes a handle of a content.
func (w *world) keep(c content) int32 {
	w.contents = append(w.contents, c)
	return int32(len(w.contents) - 1)
}

// tell writes a line of the transcript; nothing is made of its arguments when
// nobody reads it.
func (w *world) tell(format string, args ...any) {
	if w.log == nil {
		return
	}
	w.log.add(w.now, fmt.Sprintf(format, args...))
}

// broken notes a violation.
func (w *world) broken(name Invariant, format string, args ...any) {
	w.brokenSince(0, name, format, args...)
}

// brokenSince notes a violation and when what led to it began.
func (w *world) brokenSince(from float64, name Invariant, format string, args ...any) {
	if len(w.look) > 0 && !slices.Contains(w.look, name) {
		return
	}
	v := Violation{Name: name, Ms: w.now, From: math.Max(0, from), Text: fmt.Sprintf(format, args...)}
	w.violations = append(w.violations, v)
	w.tell("‼ %s: %s", name, v.Text)
}

// run lets everything happen until the time given, or the first violation.
func (w *world) run(until float64) {
	for len(w.violations) == 0 {
		at, ok := w.queue.Next()
		if !ok || at > until {
			break
		}
		_, do := w.queue.Take()
		w.now = at
		w.stats.Events++
		do()
	}
	if len(w.violations) == 0 {
		w.now = until
	}
}

// Options are what a run is asked for beside its plan.
type Options struct {
	Log  *Transcript
	Look []Invariant // look at these only; none: at all of them
	// Core makes the client of a page and what hands the inputs to it; nil: the
	// client itself takes them.
	Core func(future.Config) (Core, *future.Client)
}

// Run lets a plan happen. The world is then left alone without faults, the
// client is closed, and what has to be true at the end is checked.
func Run(plan *Plan, options Options) (report Report) {
	w := newWorld(plan, options.Log)
	w.look = options.Look
	if w.core = options.Core; w.core == nil {
		w.core = direct
	}
	defer func() {
		if reason := recover(); reason != nil {
			w.broken(NoPanic, "%v\n%s", reason, debug.Stack())
		}
		w.stats.Ms = w.now
		report = Report{Violations: w.violations, Stats: w.stats}
	}()
	w.born(nil, false)
	w.at(0, func() { w.watchCalm() })
	w.run(plan.Ms)
	if len(w.violations) == 0 {
		w.end()
	}
	return
}

// end is the epilogue of a plan.
func (w *world) end() {
	w.ending = true
	w.tell("— the plan is over: all faults end")
	w.mend()
	w.run(w.now + w.calmMs() + calmStep)
	if p := w.page; p != nil && len(w.violations) == 0 {
		p.close()
	}
	w.run(w.now + w.lastMs())
	w.checkEnd()
}

// Report is what a run yields.
type Report struct {
	Violations []Violation
	Stats      Stats
}

// Stats counts what happened: a world in which nothing happens proves nothing.
type Stats struct {
	Ms                                                   float64
	Events, Inputs, Posts, Lost, Duplicated, Refusals    int
	Settled, Failed, Orphans, Early                      int
	Holds, Keeps, Armed, Losses, Expiries                int
	Displaced, Released, FailedHolds, Shortened, Stopped int
	Fired, Cancelled, Deaths, Leaves, Calms, Beacons     int
	Equal, Overwritten, Reentered                        int
}

// Add sums two counts.
func (s *Stats) Add(o *Stats) {
	s.Ms += o.Ms
	to, from := s.fields(), o.fields()
	for i := range to {
		*to[i] += *from[i]
	}
}

func (s *Stats) fields() []*int {
	return []*int{
		&s.Events, &s.Inputs, &s.Posts, &s.Lost, &s.Duplicated, &s.Refusals,
		&s.Settled, &s.Failed, &s.Orphans, &s.Early, &s.Holds, &s.Keeps, &s.Armed, &s.Losses, &s.Expiries,
		&s.Displaced, &s.Released, &s.FailedHolds, &s.Shortened, &s.Stopped,
		&s.Fired, &s.Cancelled, &s.Deaths, &s.Leaves, &s.Calms, &s.Beacons,
		&s.Equal, &s.Overwritten, &s.Reentered,
	}
}
