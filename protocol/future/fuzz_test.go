package future

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

// fuzzed is a page whose inputs are read from bytes, and what must hold of it
// whatever they are.
type fuzzed struct {
	*page
	bytes  []byte
	cfg    Config
	opened bool
	closes bool // Close was called
	ids    map[any]bool
	asked  []*asked      // the probe's requests, oldest first
	loaded int           // content_loaded posted
	marks  map[int32]any // content by hold
	ticked float64       // when the core kept its deadlines last
	proofs int
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
	f := &fuzzed{bytes: text, ids: map[any]bool{}, marks: map[int32]any{}}
	flags := f.next()
	f.cfg.Session.Dialect = protocol.Dialect(f.next() % len(protocol.DialectNames()))
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
	f.cfg.Session.Eager = flags&128 != 0
	f.page = newPage(t, f.cfg)
	return f
}

// hear hands a message over, remembering what it tells a probe.
func (f *fuzzed) hear(m message) {
	f.t.Helper()
	m = plain(m)
	for _, a := range f.asked {
		if a.id == m["requestId"] && m["api"] == "fromWidget" && m["widgetId"] == "w1" && !a.answered && !a.failed &&
			f.ticked < a.at+f.cfg.Session.DeadlineMs {
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
	f.sleep(f.now.Mono+ms, func() { f.ticked = f.now.Mono; f.check(true) })
}

func (f *fuzzed) tick() {
	f.t.Helper()
	f.page.tick()
	f.ticked = f.now.Mono
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
		data := message{"requested": list[:min(len(list), f.next()%4)], "approved": list}
		if action == credentials {
			data = message{"original_request_id": prefix + itoa(int32(f.next()%8)), "state": pick(f, decisions)}
		}
		f.hear(message{"api": "toWidget", "widgetId": "w1", "requestId": "h", "action": action, "data": data})
	case doAnswer, doRecorded, doMutated:
		f.answerSomething()
	case doCall:
		f.make(f.next() % len(calls))
	case doAbort:
		if id := int32(f.next()); f.open[id] != "" || f.keeps[id] != nil && !f.keeps[id].over {
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
	case doPage:
		f.happens(PageEvent(f.next() % 3))
		f.check(false)
	case doJump:
		f.now.Mono += pick(f, jumped)
		f.now.Wall += pick(f, jumped) * float64(1-f.next()&1*2)
	case doTold:
		e := with(pick(f, heardEvents))
		if f.next()&1 == 0 {
			f.hear(message{"api": "toWidget", "widgetId": "w1", "requestId": "h", "action": "send_event", "data": e})
		} else {
			f.hear(message{"api": "toWidget", "widgetId": "w1", "requestId": "h", "action": "update_state", "data": message{
				"state": []any{e, pick(f, heardEvents), pick(f, oddValues)},
			}})
		}
	}
}

// make makes a call; the hold that one is about is the next byte's.
func (f *fuzzed) make(n int) {
	f.t.Helper()
	c := calls[n]
	args := c.args
	if c.kind == UpdateHold || c.kind == ReleaseHold {
		args = with(args, "hold", f.next())
	}
	call := f.page.call(c.kind, args)
	if c.kind == HoldState {
		f.marks[call] = args["content"]
	}
	f.check(false)
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
	f.closes = true
	f.closing()
	f.check(false)
	holds := false
	for _, k := range f.keeps {
		holds = holds || k.kind == HoldState && !k.over
	}
	if !holds && !f.closed {
		f.t.Fatal("not closed although nothing is held")
	}
}

func FuzzSession(f *testing.F) {
	loadRecorded(f)
	for _, flags := range []byte{0, 1, 2, 3, 4, 8, 32, 64, 128, 134} {
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
		p.wait(3000)
		if !p.closed || p.steady {
			t.Fatalf("closed %v, steady %v", p.closed, p.steady)
		}
		for n := range calls {
			p.make(n)
		}
		for call, k := range p.keeps {
			if !k.over {
				t.Fatalf("the number of call %d is never free: %v", call, k.log)
			}
		}
		p.request("capabilities", message{})
		p.check(false)
		p.tick()
		if len(p.open) > 0 {
			t.Fatalf("not settled after close: %v", p.open)
		}
	})
}
