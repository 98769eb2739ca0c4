package future

import (
	"math"
	"reflect"
	"regexp"
	"strings"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// asked is a request of the probe and how it ended.
type asked struct {
	id       any
	action   string
	at       float64
	answered bool
	failed   bool
	response any
}

// check looks at what an input has left behind.
func (f *fuzzed) check(ticked bool) {
	f.t.Helper()
	for _, e := range f.c.Effects {
		switch {
		case e.Op == session.Wake && (math.IsInf(e.At, 0) || e.At < f.now.Mono || ticked && e.At <= f.now.Mono):
			f.t.Fatalf("a wake-up at %v, at %v", e.At, f.now.Mono)
		case e.Op == session.Post:
			f.checkPost(e)
		}
	}
	if known := f.c.probe.known; known && f.proofs == 0 {
		f.checkProof()
	}
	if len(f.c.gate) > session.MaxWaiting || len(f.c.posts) > maxPosts {
		f.t.Fatalf("%d calls and %d requests wait", len(f.c.gate), len(f.c.posts))
	}
	f.checkKeepers()
	s := reflect.ValueOf(f.c.Session).Elem()
	table := s.FieldByName("table")
	limit := 1000
	if n := f.cfg.Session.MaxInFlight; n > 0 {
		limit = n
	}
	// Beside them three of the session's own (versions, content_loaded, a
	// renegotiation) and three that are urgent (wire.md §4.3: a Rust host takes 15).
	// The last words of a page that may be gone wait for no place.
	last := 0
	for i := range table.FieldByName("places").Len() {
		if p := table.FieldByName("places").Index(i); p.FieldByName("serial").Int() != 0 && p.FieldByName("Last").Bool() {
			last++
		}
	}
	if n := int(table.FieldByName("used").Int()) - last; n < 0 || n > limit+6 {
		f.t.Fatalf("%d requests in flight", n)
	}
	waiting := 0
	for _, line := range [...]string{"urgent", "rest"} {
		waiting += int(s.FieldByName("waiting").FieldByName(line).FieldByName("n").Int())
	}
	if table.FieldByName("late").FieldByName("list").Len() > 256 || waiting > session.MaxWaiting {
		f.t.Fatal("too much is remembered")
	}
}

// checkPost looks at a message to the host.
func (f *fuzzed) checkPost(e session.Effect) {
	f.t.Helper()
	built, err := f.codec.Build(f.c.Fields(e))
	if err != nil {
		f.t.Fatal(err)
	}
	m := plain(built)
	data := m["data"].(message)
	if !f.opened || !f.cfg.Session.HostKnown && !f.pinned {
		f.t.Fatalf("posted before the host was known: %v", m)
	}
	if f.ids[m["requestId"]] || m["api"] != "fromWidget" || m["widgetId"] != "w1" {
		f.t.Fatalf("posted %v", m)
	}
	f.ids[m["requestId"]] = true
	for name, v := range data {
		if v == nil {
			f.t.Fatalf("posted %s as null: %v", name, m)
		}
	}
	f.checkHeld(m)
	switch action := m["action"].(string); action {
	case "content_loaded":
		if f.loaded++; f.loaded > 1 {
			f.t.Fatal("content_loaded was posted twice")
		}
	case "send_event":
		f.checkFuture(m)
	case updateAction, protocol.ActUpdateDelayedDotted.String(), f.c.cfg.ProbeAction:
		if data["delay_id"] == "" {
			f.asked = append(f.asked, &asked{id: m["requestId"], action: action, at: f.now.Mono})
		}
	}
}

// checkFuture: never early.
func (f *fuzzed) checkFuture(m message) {
	f.t.Helper()
	data := m["data"].(message)
	asks := false
	for name := range futureMembers {
		_, ok := data[name]
		asks = asks || ok
	}
	if !asks {
		return
	}
	for _, e := range f.events {
		if strings.HasPrefix(e, "sentimmediately") {
			f.t.Fatalf("posted to a host that sends at once: %v", m)
		}
	}
	_, delayed := data["delay"]
	switch d := f.cfg.Session.Dialect; {
	case d == protocol.None:
		f.t.Fatalf("posted in no dialect: %v", m)
	case d.Tokens() == delayed:
		f.t.Fatalf("posted in another dialect than %v: %v", d, m)
	case delayed && f.proofs == 0:
		f.checkProof()
	}
}

// checkProof: two answers that differ.
func (f *fuzzed) checkProof() {
	f.t.Helper()
	f.proofs++
	if len(f.asked) < 2 {
		f.t.Fatal("proved without a probe")
	}
	a, b := f.asked[len(f.asked)-2], f.asked[len(f.asked)-1]
	if a.failed || b.failed || !a.answered || !b.answered {
		f.t.Fatalf("proved by what was not answered: %+v %+v", a, b)
	}
	x, refusedA := refusalText(a)
	y, refusedB := refusalText(b)
	if x == y && refusedA == refusedB || !refusedA && !refusedB {
		f.t.Fatalf("proved by equal answers: %v %v", a.response, b.response)
	}
}

// numbered words are ids, times and counts: they differ between any two answers.
var numbered = regexp.MustCompile(`[A-Za-z0-9]*[0-9][A-Za-z0-9]*`)

func refusalText(a *asked) (string, bool) {
	r, _ := a.response.(message)
	e, _ := r["error"].(message)
	if _, ok := e["message"].(string); !ok {
		return "", false
	}
	set := message{} // members that say anything
	for name, v := range r {
		if name != "error" && v != nil && v != "" {
			set[name] = v
		}
	}
	return numbered.ReplaceAllString(strings.ReplaceAll(compact(e)+compact(set), a.action, ""), "0"), true
}

// checkKeepers: what is kept of keepAlives and holds is bounded.
func (f *fuzzed) checkKeepers() {
	f.t.Helper()
	if len(f.c.keepers) > maxKeepers || len(f.c.places) > maxKeepers+maxPlaces {
		f.t.Fatalf("%d keepers, %d places", len(f.c.keepers), len(f.c.places))
	}
	live := 0
	for _, k := range f.keeps {
		if !k.over {
			live++
		}
	}
	if live != len(f.c.keepers) || f.steady != (live > 0) {
		f.t.Fatalf("%d live for the page, %d for the core, steady %v", live, len(f.c.keepers), f.steady)
	}
	for _, k := range f.c.keepers {
		h := k.hold
		if len(k.asked) > 64 || h != nil && (len(h.place.leaves) > maxLeaves || len(h.place.room.told) > maxTold || len(h.place.room.own) > maxTold) {
			f.t.Fatalf("%d refreshes of %+v", len(k.asked), h)
		}
	}
}

// checkHeld: no state without its leave, nothing but the way out after Close.
func (f *fuzzed) checkHeld(m message) {
	f.t.Helper()
	data := m["data"].(message)
	content, _ := data["content"].(message)
	_, scheduled := data["delay"]
	if f.closes && (scheduled || content["hold"] != nil || data["action"] == "restart") {
		f.t.Fatalf("posted %v after close()", m)
	}
	if content["hold"] == nil || content["hold"] == 3.0 || content["hold"] == 4.0 || scheduled {
		return
	}
	for call, mark := range f.marks {
		held, _ := mark.(message) // that of one spec is no object
		if k := f.keeps[call]; held["hold"] == int(content["hold"].(float64)) && !k.over && len(k.armed) > 0 {
			return
		}
	}
	f.t.Fatalf("a state without its leave: %v", m)
}
