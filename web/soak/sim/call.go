package sim

import (
	"fmt"
	"math"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// call is a call of the page that is not settled yet.
type call struct {
	id      int32
	kind    future.CallKind
	due     float64 // monotonic, by when it must be settled
	at      float64 // true time
	mono    float64
	late    float64     // the page's, then
	keeper  *keeper     // it is about
	version int         // an update's
	future  *pageFuture // it is about
	content int32       // of a future of the page's own
}

// call makes a call; about says what it is about, before anything can come of it.
func (p *page) call(kind future.CallKind, args []protocol.Field, about func(*call)) *call {
	p.lastCall++
	now := p.w.device.clock(p)
	c := &call{id: p.lastCall, kind: kind, at: p.w.now, mono: now.Mono, late: p.late}
	c.due = now.Mono + p.bound(kind)
	p.calls[c.id] = c
	p.peak = max(p.peak, len(p.calls))
	if about != nil {
		about(c)
	}
	p.w.tell("→ call %d %s", c.id, future.CallKinds()[kind])
	p.input(func(now session.Now) { p.core.Call(now, kind, c.id, args) })
	return c
}

// bound is how long a call may take: its deadline from its posting, before
// which the negotiation, the host's versions and a probe may have to end, and
// others ahead of it where a host takes few at a time.
func (p *page) bound(kind future.CallKind) float64 {
	ms := p.w.set.DeadlineMs
	bound := ms
	switch kind {
	case future.UpdateHold, future.ReleaseHold:
		return ms // counted from the call: the hold itself does what is needed
	case future.SendFuture, future.HoldState:
		// The probe, and once more for a hold that may do without a leave.
		bound += 2 * ms
	}
	if !p.ready {
		bound += handshakeMs + ms
	}
	if p.w.set.Host == Rust || !p.versions {
		// A host whose versions are not known gets 12 at a time, as a Rust host
		// does, and the refreshes of what is kept are among them.
		bound += math.Max(ms, hostLifeMs) * float64((len(p.calls)+16*len(p.keepers()))/8)
	}
	return bound + ms*float64(len(p.calls)/800)
}

// settle takes the success of a call.
func (p *page) settle(now session.Now, id int32, fields []protocol.Field) {
	if id == 0 {
		return
	}
	c := p.calls[id]
	if c == nil {
		p.w.broken(SettlesOnce, "call %d is settled, but it was not open", id)
		return
	}
	delete(p.calls, id)
	p.w.stats.Settled++
	p.w.tell("← call %d %s is settled", id, future.CallKinds()[c.kind])
	switch c.kind {
	case future.SendFuture:
		p.scheduled(fields)
	case future.RefreshFuture:
		if at := protocol.Get(fields, protocol.ExpiresAt); at.Kind == protocol.Number && c.future != nil {
			c.future.expiresAt = at.Num
			p.checkFutureExpiry(c.future.server, at.Num)
		}
	case future.CancelFuture, future.SendFutureNow:
		c.future.ended = protocol.Get(fields, protocol.Ended).Kind == protocol.True
	case future.HoldState:
		c.keeper.started = true
		p.checkStarted(c.keeper)
		p.react(c.keeper)
	case future.UpdateHold:
		c.keeper.loose = false
		p.checkUpdated(c)
		p.react(c.keeper)
	case future.ReleaseHold:
		p.checkReleased(c)
	}
}

// fail takes the failure of a call.
func (p *page) fail(now session.Now, id int32, fields []protocol.Field) {
	code := protocol.Code(protocol.Get(fields, protocol.ErrorCode).Num)
	if id == 0 {
		p.w.tell("← the negotiation failed: %s", code)
		return
	}
	c := p.calls[id]
	if c == nil {
		if k := p.keeper(id); k != nil && !k.hold && !k.said && !k.ended {
			k.ended = true // a keepAlive's bad argument
			return
		}
		p.w.broken(SettlesOnce, "call %d fails with %s, but it was not open", id, code)
		return
	}
	delete(p.calls, id)
	p.w.stats.Failed++
	p.w.tell("← call %d %s fails: %s %s", id, future.CallKinds()[c.kind], code, protocol.Get(fields, protocol.Message).Str)
	switch c.kind {
	case future.UpdateHold:
		c.keeper.loose = code != protocol.CodeTimeout
	case future.HoldState:
		c.keeper.ended = true
		p.checkFailed(c.keeper, code)
		p.react(c.keeper)
	case future.SendFuture:
		if code == protocol.CodeSentImmediately {
			p.sentTold = true
		}
		if code == protocol.CodeTimeout {
			p.giveUp(c)
		}
	case future.RefreshFuture, future.CancelFuture, future.SendFutureNow:
		if code == protocol.CodeSpent && c.future != nil {
			c.future.ended = true
		}
	}
	if code == protocol.CodeInternal {
		p.w.broken(NoPanic, "call %d failed with internal", id)
	}
}

// scheduled takes a future of the page's own.
func (p *page) scheduled(fields []protocol.Field) {
	f := p.futureOf(fields)
	if f == nil || f.receipts == 0 {
		p.w.broken(OwnSecrets, "a future that no receipt named")
		return
	}
	p.proved = true
	pf := &pageFuture{
		dialect:   protocol.Get(fields, protocol.DialectName).Str,
		delayID:   protocol.Get(fields, protocol.DelayID).Str,
		timeoutMs: protocol.Get(fields, protocol.TimeoutMs).Num,
		expiresAt: protocol.Get(fields, protocol.ExpiresAt).Num,
		server:    f,
	}
	for i, path := range [3]protocol.Path{protocol.RefreshToken, protocol.CancelToken, protocol.SendToken} {
		pf.tokens[i] = protocol.Get(fields, path).Str
	}
	p.checkFutureExpiry(f, pf.expiresAt)
	p.futures = append(p.futures, pf)
}

// args are a future as the page hands it to verbs and keepAlive.
func (f *pageFuture) args(w *world) []protocol.Field {
	m := []protocol.Field{w.word(roomID).At(protocol.RoomID), w.word(f.dialect).At(protocol.DialectName)}
	m = protocol.AppendText(m, protocol.DelayID, f.delayID)
	m = protocol.AppendText(m, protocol.RefreshToken, f.tokens[0])
	m = protocol.AppendText(m, protocol.CancelToken, f.tokens[1])
	m = protocol.AppendText(m, protocol.SendToken, f.tokens[2])
	m = protocol.AppendNum(m, protocol.TimeoutMs, f.timeoutMs)
	m = protocol.AppendNum(m, protocol.ExpiresAt, f.expiresAt)
	if f.ended {
		m = append(m, protocol.Bool(true).At(protocol.Ended))
	}
	return m
}

// orphaned takes the late receipt of a future that was given up.
func (p *page) orphaned(fields []protocol.Field) {
	p.w.stats.Orphans++
	if f := p.futureOf(fields); f == nil || f.receipts == 0 {
		p.w.broken(OwnSecrets, "an orphan that no receipt named")
	} else {
		p.w.tell("← orphan %s", f.id)
		f.req.orphanTold = true
	}
}

// verb does something with a future of the page's.
func (p *page) verb(kind future.CallKind, f *pageFuture) {
	for _, k := range p.keeps {
		if k.keeping.server == f.server {
			k.actedAt, k.ending = p.w.now, k.ending || kind != future.RefreshFuture
		}
	}
	p.hands(f)
	p.call(kind, f.args(p.w), func(c *call) {
		c.future = f
		p.verbs = append(p.verbs, c)
	})
}

// abort gives a call up.
func (p *page) abort(c *call) {
	if p.calls[c.id] == nil && c.kind != future.KeepAlive {
		return
	}
	delete(p.calls, c.id)
	p.w.tell("→ call %d is given up", c.id)
	if c.keeper != nil {
		c.keeper.aborted, c.keeper.actedAt = true, p.w.now
	}
	p.giveUp(c)
	p.input(func(now session.Now) { p.core.Abort(now, c.id) })
}

// giveUp: a receipt that comes after this is an orphan's.
func (p *page) giveUp(c *call) {
	if r := p.w.contents[c.content].req; r != nil {
		r.givenUp, r.givenUpAt = true, p.w.device.clock(p).Mono
	}
}

// close closes the client.
func (p *page) close() {
	if p.closing || !p.hears() {
		return
	}
	p.w.tell("→ close")
	p.closing = true
	p.closeBy = p.w.device.clock(p).Mono + p.w.set.DeadlineMs
	for _, k := range p.holds {
		k.actedAt = p.w.now
		k.wellAtClose = k.said && k.status == future.Held && !k.over && k.current != nil && k.current.alive()
	}
	p.input(func(now session.Now) { p.core.Close(now) })
	for id, c := range p.calls {
		if c.kind != future.ReleaseHold {
			p.w.broken(SilentAfterClose, "call %d %s is open after close", id, future.CallKinds()[c.kind])
			return
		}
	}
}

// die ends the life without a word.
func (p *page) die(why string) {
	p.w.tell("— life %d ends: %s", p.number, why)
	p.w.stats.Deaths++
	p.dead, p.deadAt = true, p.w.now
	for _, k := range p.holds {
		p.w.abandoned(k)
	}
}

func (c *call) String() string { return fmt.Sprintf("call %d %s", c.id, future.CallKinds()[c.kind]) }
