package future

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// fuzzed is a page whose inputs are read from bytes, and what must hold of it
// whatever they are.
type fuzzed struct {
	*page
	bytes  []byte
	cfg    Config
	opened bool
	gone   bool // closed
	ids    map[any]bool
	asked  []*asked // the probe's requests, oldest first
	loaded int      // content_loaded posted
	proofs int
	ticks  int
}

func (f *fuzzed) next() int {
	if len(f.bytes) == 0 {
		return 0
	}
	b := f.bytes[0]
	f.bytes = f.bytes[1:]
	return int(b)
}

func pick[T any](f *fuzzed, list []T) T { return list[f.next()%len(list)] }

func newFuzzed(t *testing.T, text []byte) *fuzzed {
	f := &fuzzed{bytes: text, ids: map[any]bool{}}
	flags := f.next()
	f.cfg.Dialect = protocol.Dialect(f.next() % len(protocol.DialectNames()))
	f.cfg.Session.DeadlineMs, f.cfg.Session.HandshakeMs = 100, 1000
	if flags&1 == 0 {
		f.cfg.Session.WidgetID = protocol.Str("w1")
	}
	f.cfg.Session.HostKnown = flags&2 == 0
	f.cfg.Session.ManualContentLoaded = flags&4 != 0
	if flags&8 == 0 {
		f.cfg.RoomID = protocol.Str(room)
	}
	if flags&16 == 0 {
		f.cfg.HomeserverURL = "https://hs.example.org"
	}
	f.cfg.Session.MaxInFlight = flags >> 5 & 3 // 0: by what the host says
	f.page = newPage(t, f.cfg)
	return f
}

// hear hands a message over, remembering what it tells a probe.
func (f *fuzzed) hear(m message) {
	f.t.Helper()
	m = plain(m)
	for _, a := range f.asked {
		if a.id == m["requestId"] && m["api"] == "fromWidget" && m["widgetId"] == "w1" && !a.answered && !a.failed &&
			f.now.Mono < a.at+f.cfg.Session.DeadlineMs {
			if s, ok := m["action"].(string); ok && s != "" && jsTrue(m["response"]) {
				a.answered, a.response = true, m["response"]
			}
		}
	}
	f.receive(m)
	f.check(false)
}

func jsTrue(v any) bool { return v != nil && v != false && v != 0.0 && v != "" }

// wait lets time pass, waking the core when it asked for it.
func (f *fuzzed) wait(ms float64) {
	f.t.Helper()
	end := f.now.Mono + ms
	for f.wake <= end {
		step := max(f.wake-f.now.Mono, 0)
		f.now.Mono += step
		f.now.Wall += step
		f.tick()
		if f.ticks++; f.ticks > 20000 {
			f.t.Fatal("the core never sleeps")
		}
	}
	f.now.Wall += end - f.now.Mono
	f.now.Mono = end
}

func (f *fuzzed) tick() {
	f.t.Helper()
	f.wake = 1e300
	f.c.Reset()
	f.c.Tick(f.now)
	f.drain()
	f.check(true)
}

// step does the next input.
func (f *fuzzed) step() {
	f.t.Helper()
	switch f.next() % doCount {
	case doOpen:
		if !f.opened {
			f.opened = true
			f.start()
			f.check(false)
		}
	case doRequest:
		action := pick(f, hostRequests)
		list := pick(f, approvals)
		f.hear(message{"api": "toWidget", "widgetId": "w1", "requestId": "h", "action": action, "data": message{
			"requested": list[:min(len(list), f.next()%4)], "approved": list,
		}})
	case doAnswer, doRecorded, doMutated:
		f.answerSomething()
	case doCall:
		c := pick(f, calls)
		f.page.call(c.kind, c.args)
		f.check(false)
	case doAbort:
		if id := int32(f.next()); f.open[id] != "" {
			f.abort(id)
			f.check(false)
		}
	case doPass:
		f.wait(pick(f, steps))
	case doTick:
		f.tick()
	case doPostFailed:
		serial := int32(f.next())
		f.c.Reset()
		for _, a := range f.asked {
			if a.id == prefix+itoa(serial) && !a.answered {
				a.failed = true
			}
		}
		f.c.PostFailed(f.now, serial)
		f.drain()
		f.check(false)
	case doHTTP:
		f.httpDone(int32(f.next()), pick(f, httpEnds), message{"errcode": "M_NOT_FOUND", "error": "e"})
		f.check(false)
	case doClose:
		f.end()
	}
}

func itoa(n int32) string {
	text, _ := json.Marshal(n)
	return string(text)
}

// answerSomething answers one of the posts, in its own words or in a recorded
// host's, sometimes with a member that is odd.
func (f *fuzzed) answerSomething() {
	f.t.Helper()
	how := f.next()
	var m message
	if how&1 == 0 {
		m = with(pick(f, recordeds))
	} else {
		m = message{"response": pick(f, hostAnswers), "api": "fromWidget", "widgetId": "w1", "action": "x", "data": message{}}
	}
	if m["response"] != nil {
		if len(f.posts) == 0 {
			return
		}
		post := f.posts[f.next()%len(f.posts)]
		m["requestId"], m["action"] = post["requestId"], post["action"]
		if how&2 == 0 {
			f.take(post["action"].(string)) // a duplicate may follow otherwise
		}
	}
	if how&12 == 12 {
		m = plain(m)
		keys := strings.Split(pick(f, oddPlaces), "/")
		at := m
		for _, key := range keys[:len(keys)-1] {
			inner, ok := at[key].(message)
			if !ok {
				inner = message{}
				at[key] = inner
			}
			at = inner
		}
		if v := f.next() % (len(oddValues) + 1); v < len(oddValues) {
			at[keys[len(keys)-1]] = oddValues[v]
		} else {
			delete(at, keys[len(keys)-1])
		}
	}
	if m["widgetId"] != "w1" && f.cfg.Session.WidgetID.Kind == protocol.Absent {
		return // it would be adopted: the checks know one widget
	}
	f.hear(m)
}

func (f *fuzzed) end() {
	f.t.Helper()
	f.c.Reset()
	f.c.Close(f.now)
	f.drain()
	for _, e := range f.c.Effects {
		if e.Op == session.Post || e.Op == session.HTTP || e.Op == session.Wake {
			f.t.Fatalf("effect %d of closing", e.Op)
		}
	}
	f.gone = true
	if len(f.open) > 0 {
		f.t.Fatalf("close left calls unsettled: %v", f.open)
	}
}

func FuzzSession(f *testing.F) {
	loadRecorded(f)
	for _, flags := range []byte{0, 1, 2, 3, 4, 8, 32, 64} {
		for dialect := range protocol.DialectNames() {
			head := []byte{flags, byte(dialect)}
			for _, script := range scripts {
				f.Add(append(head[:2:2], script...))
			}
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p := newFuzzed(t, text)
		for n := 0; len(p.bytes) > 0 && n < 500; n++ {
			p.step()
		}
		if !p.opened {
			p.opened = true
			p.start()
			p.check(false)
		}
		// From here on the host is silent: everything ends in time.
		p.wait(1000 + float64(len(p.open)+4)*(1000+3000))
		if len(p.open) > 0 {
			t.Fatalf("never settled: %v", p.open)
		}
		if p.ready == nil {
			t.Fatal("readiness was never settled")
		}
		p.end()
		for _, c := range calls {
			p.page.call(c.kind, c.args)
			p.check(false)
		}
		p.request("capabilities", message{})
		p.check(false)
		p.tick()
		if len(p.open) > 0 {
			t.Fatalf("not settled after close: %v", p.open)
		}
	})
}
