package main

import (
	"math"
	"math/rand/v2"

	"github.com/widget-futures/widget-futures/jsbridge"
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// babbler talks nonsense to a client, and plays a host that answers with it:
// any input with any values that the border may hand over. The worlds of the
// simulation are more sensible, so they reach deeper and less far aside.
type babbler struct {
	*shim
	*rand.Rand
	now   session.Now
	posts []posted // newest last
	https []int32
	wake  float64
	call  int32 // the last one's number
}

// posted is a request that was posted to the host.
type posted struct {
	serial int32
	action protocol.Value
}

// recent is how many requests a host may still answer.
const recent = 6

// perPage is how many inputs a page lives.
const perPage = 250

// nonsense enters that many inputs.
func (s *shim) nonsense(seed uint64, inputs int) {
	b := &babbler{shim: s, Rand: rand.New(rand.NewPCG(seed, 1))}
	for end := s.inputs + inputs; s.inputs < end; {
		b.live(min(end, s.inputs+perPage))
	}
}

// live is a page's life.
func (b *babbler) live(end int) {
	*b = babbler{shim: b.shim, Rand: b.Rand, now: session.Now{Mono: b.Float64() * 1e4, Wall: 1767225600000}}
	b.enter(jsbridge.InStart, b.now, 0, 0, b.start())
	if jsbridge.Client() == nil {
		return
	}
	b.Open(b.now)
	b.negotiate()
	for b.inputs < end {
		b.see()
		b.pass()
		b.step()
	}
	b.Close(b.now)
	b.see()
	b.Tick(session.Now{Mono: b.now.Mono + 1e6, Wall: b.now.Wall + 1e6})
}

// negotiate is as a host does it.
func (b *babbler) negotiate() {
	list := []string{
		protocol.CapTimeline + "*", protocol.CapSendDelayed, protocol.CapUpdateDelayed, protocol.CapSendSticky,
		protocol.CapSendState + "t", protocol.CapReceiveState + "t", protocol.CapSendEvent + "m.room.message#m.text",
		protocol.CapSendEvent + "t", protocol.CapUploadFile, protocol.CapNavigate,
	}
	b.see()
	for i := range b.posts {
		if b.Float64() < 0.8 {
			b.answer(&b.posts[i])
		}
	}
	b.Receive(b.now, b.request(protocol.ActCapabilities))
	m := b.request(protocol.ActNotifyCapabilities)
	m = protocol.AppendTexts(m, protocol.DataRequested, list)
	b.Receive(b.now, protocol.AppendTexts(m, protocol.DataApproved, list[:b.IntN(2*len(list))%(len(list)+1)]))
}

// see notes what the client has asked for.
func (b *babbler) see() {
	c := jsbridge.Client()
	for _, e := range c.Effects {
		switch e.Op {
		case session.Post:
			b.posts = append(b.posts, posted{e.ID, protocol.Get(c.Fields(e), protocol.Action)})
			b.posts = b.posts[max(0, len(b.posts)-recent):]
		case session.HTTP:
			b.https = append(b.https, e.ID)
		case session.Wake:
			b.wake = e.At
		}
	}
}

// pass lets time pass.
func (b *babbler) pass() {
	ms := pick(b, 0, 0, 0.1, 1, 1, 20, 100, 1000.5)
	if b.Float64() < 0.02 {
		ms = pick(b, 60000, 1e7, 4e9)
	}
	b.now.Mono += ms
	if b.Float64() < 0.01 {
		ms = pick(b, -1e7, 0, 5e6)
	}
	b.now.Wall += ms
}

// step is the next input.
func (b *babbler) step() {
	switch n := b.IntN(100); {
	case n < 40 && len(b.posts) > 0:
		b.answer(&b.posts[b.IntN(len(b.posts))])
	case n < 50:
		m := b.request(protocol.Name(b.IntN(len(protocol.Names()))))
		if b.IntN(2) == 0 {
			m = b.fields(m, protocol.Heard, 0)
		}
		b.Receive(b.now, b.fields(m, protocol.Wire, 0))
	case n < 80:
		b.call++
		kind := future.CallKind(b.IntN(len(future.CallKinds())))
		b.Call(b.now, kind, b.call, b.args(kind))
	case n < 84:
		b.Abort(b.now, max(0, b.call-int32(b.IntN(8))))
	case n < 85:
		b.GiveUp(b.now, max(0, b.call-int32(b.IntN(8))))
	case n < 92:
		if b.wake > b.now.Mono && b.wake < b.now.Mono+1e6 && b.IntN(2) == 0 {
			b.now.Wall += b.wake - b.now.Mono
			b.now.Mono = b.wake
		}
		b.Tick(b.now)
	case n < 94 && len(b.posts) > 0:
		b.PostFailed(b.now, b.posts[b.IntN(len(b.posts))].serial)
	case n < 97 && len(b.https) > 0:
		b.HTTPDone(b.now, b.https[b.IntN(len(b.https))], pick(b, 200, 204, 404, 410, 429, 502, 0, -1), b.fields(nil, protocol.HTTP, 0))
	case n < 99:
		b.Page(b.now, future.PageEvent(b.IntN(3)))
	default:
		b.Receive(b.now, b.fields(nil, protocol.Wire, 0))
	}
}

// start is a record to start from, of the types that the shim lets through.
func (b *babbler) start() []protocol.Field {
	cfg := future.Config{HomeserverURL: "https://hs.example", Seed: b.Float64()}
	cfg.RoomID = recurring("!r:example.org")
	c := &cfg.Session
	c.Dialect = protocol.Dialect(b.IntN(len(protocol.DialectNames())))
	c.WidgetID = recurring("w1")
	c.DeadlineMs, c.HandshakeMs = pick(b, 50, 10_000, 1e9), pick(b, 1000, 1e5)
	c.Capabilities = []string{protocol.CapSendState + "t", "x", b.word()}
	m := startFields(&cfg)
	m = append(m, protocol.Num(pick(b, 0, 0, 0, 1, 2.5, -1, 3e9, 1e300, -1e300, 5e-324)).At(protocol.StartMaxInFlight))
	m = append(m, protocol.Bool(b.IntN(8) == 0).At(protocol.StartManual), protocol.Bool(b.IntN(3) == 0).At(protocol.StartCompat))
	if b.IntN(20) == 0 {
		m = append(m, protocol.Str(b.word()).At(protocol.StartTokenPath))
	}
	return m
}

// request begins a request of the host.
func (b *babbler) request(action protocol.Name) []protocol.Field {
	return []protocol.Field{
		protocol.ToWidget.Value().At(protocol.API), recurring("w1").At(protocol.WidgetID),
		protocol.Value{Kind: protocol.Kept, ID: 1}.At(protocol.RequestID), action.Value().At(protocol.Action),
		protocol.Value{Kind: protocol.Opaque, ID: 2}.At(protocol.Data),
	}
}

// answer answers a request, often with something of sense.
func (b *babbler) answer(p *posted) {
	m := []protocol.Field{
		protocol.FromWidget.Value().At(protocol.API), recurring("w1").At(protocol.WidgetID),
		protocol.Value{Kind: protocol.Serial, ID: p.serial}.At(protocol.RequestID), p.action.At(protocol.Action),
		protocol.Value{Kind: protocol.Opaque, ID: 1}.At(protocol.Data),
		protocol.Value{Kind: protocol.Opaque, ID: 2}.At(protocol.Response),
	}
	switch b.IntN(6) {
	case 0:
		m = append(m, protocol.Value{Kind: protocol.Opaque, ID: 3}.At(protocol.RespError),
			protocol.Str("Unknown or unsupported action: "+p.action.Str).At(protocol.RespErrorMessage))
	case 1:
		m = append(m, protocol.Str("syd_1").At(protocol.RespDelayID))
	case 2:
		m = append(m, protocol.Str("$e").At(protocol.RespEventID))
	case 3:
		m = protocol.AppendTexts(m, protocol.RespVersions, []string{protocol.VersionNotify, protocol.VersionRenegotiate, b.word()})
	}
	if b.IntN(2) == 0 {
		m = b.fields(m, protocol.Wire, 0)
	}
	b.Receive(b.now, m)
}

// args are what a call may be given: what an event or a future needs, and more.
func (b *babbler) args(kind future.CallKind) (m []protocol.Field) {
	if kind >= future.FirstAction {
		return b.fields(nil, protocol.Args, b.call)
	}
	if b.IntN(4) > 0 {
		m = append(m, recurring("t").At(protocol.Type), protocol.Value{Kind: protocol.Opaque, ID: -2 * b.call}.At(protocol.Content),
			protocol.Num(pick(b, 1, 5000, 5000.5, 1e9)).At(protocol.TimeoutMs))
		if b.IntN(4) > 0 {
			m = append(m, recurring(pick(b, "", "a", "b")).At(protocol.StateKey))
		}
		if kind == future.HoldState {
			m = append(m, protocol.Value{Kind: protocol.Opaque, ID: -2*b.call - 1}.At(protocol.LeaveContent))
		}
	}
	if b.IntN(3) > 0 {
		m = append(m, protocol.Str("syd_1").At(protocol.DelayID), protocol.Str(protocol.Delayed.String()).At(protocol.DialectName))
	}
	m = append(m, protocol.Num(float64(b.call-int32(b.IntN(6)))).At(protocol.HoldCall))
	if b.IntN(2) == 0 {
		m = b.fields(m, protocol.Page, b.call)
	}
	return m
}

// pick is one of a list.
func pick[T any](b *babbler, list ...T) T { return list[b.IntN(len(list))] }

// numbers are those with an edge to them.
var numbers = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.5, 2, 3, 200, 404, 429, 1000, 5000, 60000.25, 1 << 31, 1<<31 - 1, -1 << 31, 1 << 32,
	1 << 53, 1 << 63, 1e300, -1e300, 5e-324, math.Inf(1), math.Inf(-1), math.NaN(),
}
