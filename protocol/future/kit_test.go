package future

import (
	"encoding/json"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
	"github.com/widget-futures/widget-futures/protocol/wirejson"
)

const (
	room   = "!room:example.org"
	prefix = "test-"
	member = "org.matrix.msc3401.call.member"
	key    = "_@u:example.org_DEV"
)

// page is a driver in miniature: it carries out effects into plain data and
// checks what must hold of every conversation.
type page struct {
	before message // what the host told of the place before a hold
	t      testing.TB
	c      *Client
	codec  *wirejson.Codec
	now    session.Now
	wake   float64
	calls  int32
	open   map[int32]string
	ended  map[int32]outcome
	posts  []message // to the host, oldest first
	urls   []httpPost
	hung   []int32
	replys []message
	events []string
	facts  int
	fact   message // the last of them
	knew   int     // facts at the last delivery of a request
	pinned bool
	closed bool
	ready  *outcome
	last   map[string]any // message being received

	keeps  map[int32]*standing // keepAlives and holds
	sent   []*sent             // to host and homeserver, oldest first
	seen   int                 // of those: how many a test has looked at
	steady bool
	stale  map[int32]bool    // handles of values that are gone
	owned  map[int32][]int32 // handles by the call that brought them
	ticks  int
}

type message = map[string]any

type httpPost struct {
	serial int32
	url    string
}

type outcome struct {
	ok     bool
	fields message
}

// code is how the call failed, "" if it did not.
func (o outcome) code() string {
	if o.ok || o.fields == nil {
		return ""
	}
	n, _ := o.fields["code"].(float64)
	return protocol.Code(n).String()
}

func (o outcome) text(name string) string {
	s, _ := o.fields[name].(string)
	return s
}

func newPage(t testing.TB, cfg Config) *page {
	if cfg.Session.DeadlineMs == 0 {
		cfg.Session.DeadlineMs = 10000
	}
	if cfg.Session.HandshakeMs == 0 {
		cfg.Session.HandshakeMs = 120000
	}
	if cfg.ProbeAction == "" {
		cfg.ProbeAction = "random.action"
	}
	return &page{
		t: t, c: New(cfg), codec: wirejson.New(prefix), now: session.Now{Mono: 1000, Wall: 1.7e12},
		open: map[int32]string{}, ended: map[int32]outcome{}, wake: 1e300,
		keeps: map[int32]*standing{}, stale: map[int32]bool{}, owned: map[int32][]int32{},
	}
}

// embedded is a page whose host is known from the start.
func embedded(t testing.TB, dialect protocol.Dialect, more ...func(*Config)) *page {
	cfg := Config{RoomID: protocol.Str(room)}
	cfg.Session.Dialect = dialect
	cfg.Session.WidgetID = protocol.Str("w1")
	cfg.Session.HostKnown = true
	for _, f := range more {
		f(&cfg)
	}
	return newPage(t, cfg)
}

var everything = []string{
	protocol.CapSendDelayed, protocol.CapUpdateDelayed, protocol.CapTimeline + room,
	protocol.CapSendState + member, protocol.CapSendEvent + "m.room.message", protocol.CapSendSticky,
	protocol.CapSendEvent + "m.rtc.member",
}

var hostVersions = []string{"0.0.1", "0.0.2", "org.matrix.msc2762", protocol.VersionNotify, protocol.VersionRenegotiate}

// negotiated is an embedded page on a present-day host that approved the list.
func negotiated(t testing.TB, dialect protocol.Dialect, approved []string, more ...func(*Config)) *page {
	p := embedded(t, dialect, more...)
	p.start()
	p.answer("supported_api_versions", message{"supported_versions": hostVersions})
	p.answer("content_loaded", message{})
	p.request("capabilities", message{})
	p.request("notify_capabilities", message{"requested": approved, "approved": approved})
	if p.c.Status() != session.Ready {
		t.Fatal("the negotiation did not end")
	}
	return p
}

// proved is negotiated, and the host has passed the probe.
func proved(t testing.TB, approved []string) *page {
	p := negotiated(t, protocol.Auto, approved)
	p.call(SendFuture, future(1000))
	p.answerProbe()
	p.answer("send_event", message{"room_id": room, "delay_id": "first"})
	return p
}

func (p *page) answerProbe() {
	p.t.Helper()
	p.answer(protocol.ActUpdateDelayed.String(), message{"error": message{"message": "missing delay_id"}})
	p.answer("random.action", message{"error": message{"message": "Unknown action: random.action"}})
}

func future(ms float64) message {
	return message{"type": member, "stateKey": key, "content": message{}, "timeoutMs": ms}
}

func with(m message, pairs ...any) message {
	out := message{}
	for k, v := range m {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == nil {
			delete(out, pairs[i].(string))
		} else {
			out[pairs[i].(string)] = pairs[i+1]
		}
	}
	return out
}

// plain passes a value through JSON, as postMessage passes it through a clone.
func plain(m message) message {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	var out message
	if err := json.Unmarshal(text, &out); err != nil {
		panic(err)
	}
	return out
}

func (p *page) start() { p.c.Reset(); p.c.Open(p.now); p.drain() }

// receive hands a message over as the host posted it.
func (p *page) receive(m message) {
	p.t.Helper()
	p.last = plain(m)
	fields := p.codec.Receive(p.last)
	p.c.Reset()
	p.c.Receive(p.now, fields)
	p.drain()
	p.forget(handles(fields))
}

// request is a toWidget request of the host.
func (p *page) request(action string, data message) {
	p.t.Helper()
	p.receive(message{"api": "toWidget", "widgetId": "w1", "requestId": "host-" + action, "action": action, "data": data})
}

// answer answers the oldest unanswered post of the action.
func (p *page) answer(action string, response message) {
	p.t.Helper()
	m := p.take(action)
	if m == nil {
		p.t.Fatalf("no %s was posted; posts: %v", action, p.posts)
	}
	p.receive(with(m, "response", response))
}

// take removes the oldest post of the action.
func (p *page) take(action string) message {
	for i, m := range p.posts {
		if m["action"] == action {
			p.posts = append(p.posts[:i:i], p.posts[i+1:]...)
			return m
		}
	}
	return nil
}

func (p *page) call(kind CallKind, args message) int32 {
	p.t.Helper()
	p.calls++
	id := p.calls
	if kind == KeepAlive || kind == HoldState {
		p.keeps[id] = &standing{kind: kind}
	}
	if kind != KeepAlive { // which is never settled
		p.open[id] = CallKinds()[kind]
	}
	side := protocol.Page
	if kind >= FirstAction {
		side = protocol.Args
	}
	fields := p.codec.Read(side, plain(args))
	if kind == HoldState && p.before != nil {
		fields = append(fields, p.codec.Read(protocol.Heard, plain(p.before))...)
	}
	owner := id
	if hold := int32(protocol.Get(fields, protocol.HoldCall).Num); p.keeps[hold] != nil {
		owner = hold // an update's content stands in for the hold's
	}
	p.owned[owner] = append(p.owned[owner], handles(fields)...)
	p.c.Reset()
	p.c.Call(p.now, kind, id, fields)
	p.drain()
	return id
}

func (p *page) abort(call int32) {
	delete(p.open, call)
	p.c.Reset()
	p.c.Abort(p.now, call)
	p.drain()
	if p.keeps[call] == nil {
		p.free(call)
	}
}

// close closes the client, where no hold is left to be released.
func (p *page) close() {
	p.closing()
	if !p.closed {
		p.t.Fatal("not closed at once")
	}
}

// closing begins to close the client.
func (p *page) closing() {
	p.c.Reset()
	p.c.Close(p.now)
	p.drain()
	for call, kind := range p.open {
		if kind != "releaseHold" { // one may go on to its end
			p.t.Fatalf("close left call %d unsettled: %s", call, kind)
		}
	}
}

func (p *page) httpDone(serial int32, status int, body message) {
	for _, s := range p.sent {
		s.answered = s.answered || s.serial == serial && s.message == nil
	}
	fields := p.codec.Read(protocol.HTTP, plain(message{"body": body}))
	p.c.Reset()
	p.c.HTTPDone(p.now, serial, status, fields)
	p.drain()
	p.forget(handles(fields))
}

// pass lets time go by, waking the core when it asked for it.
func (p *page) pass(ms float64) {
	p.t.Helper()
	p.sleep(p.now.Mono+ms, func() {})
}

// sleep lets time go by until the end, waking the core when it asked for it.
func (p *page) sleep(end float64, woken func()) {
	p.t.Helper()
	for before := p.ticks; p.wake <= end; woken() {
		p.skip(max(p.wake-p.now.Mono, 0))
		if p.tick(); p.ticks-before > 20000 {
			p.t.Fatalf("the core never sleeps: it wants to be woken at %v, at %v", p.wake, p.now.Mono)
		}
	}
	p.skip(end - p.now.Mono)
}

// skip lets time go by without waking the core.
func (p *page) skip(ms float64) {
	p.now.Mono += ms
	p.now.Wall += ms
}

func (p *page) tick() {
	p.ticks++
	p.wake = 1e300
	p.c.Reset()
	p.c.Tick(p.now)
	p.drain()
}
