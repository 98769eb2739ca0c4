package sim

import (
	"fmt"

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
	p.input(func(now session.Now) { p.client.Call(now, kind, c.id, args) })
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
		bound += ms * float64((len(p.calls)+16*len(p.keepers()))/8)
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
	case future.UpdateHold:
		c.keeper.loose = false
		p.checkUpdated(c)
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

// event are the arguments of an event with a content of its own.
func (p *page) event(typ, key string, content int32) []protocol.Field {
	m := []protocol.Field{
		p.w.word(typ).At(protocol.Type),
		protocol.Value{Kind: protocol.Opaque, ID: content}.At(protocol.Content),
	}
	if key != "" {
		m = append(m, p.w.word(key).At(protocol.StateKey))
	}
	return m
}

// join asks for a hold.
func (p *page) join(spec Hold) *keeper {
	k := &keeper{p: p, hold: true, spec: spec, key: stateKeys[spec.Key], inForce: spec.TimeoutMs, version: 1, asked: p.w.now, actedAt: p.w.now}
	k.everyMs = spec.RefreshMs
	if k.everyMs == 0 {
		k.everyMs = spec.TimeoutMs / 4
	}
	k.latest = p.w.keep(content{of: k, life: p.number, version: 1})
	k.leave = p.w.keep(content{of: k, life: p.number, leave: true})
	args := append(p.event(stateType, k.key, k.latest),
		protocol.Num(spec.TimeoutMs).At(protocol.TimeoutMs),
		protocol.Value{Kind: protocol.Opaque, ID: k.leave}.At(protocol.LeaveContent),
		protocol.Bool(!spec.StayOnHide).At(protocol.LeaveOnPageHide),
		protocol.Bool(spec.WithoutFuture).At(protocol.WithoutFuture),
	)
	args = protocol.AppendNum(args, protocol.RefreshMs, spec.RefreshMs)
	args = protocol.AppendNum(args, protocol.DeadlineMs, spec.DeadlineMs)
	p.w.stats.Holds++
	p.call(future.HoldState, args, func(c *call) {
		k.call, c.keeper = c.id, k
		if spec.DeadlineMs > 0 {
			c.due += 2 * spec.DeadlineMs
		}
		for _, old := range p.holds {
			if old.key == k.key && !old.over {
				old.superseded = true
			}
		}
		p.holds = append(p.holds, k)
	})
	return k
}

// update gives a hold a new content.
func (p *page) update(k *keeper) {
	k.version++
	k.latest = p.w.keep(content{of: k, life: p.number, version: k.version})
	k.actedAt = p.w.now
	k.updates = append(k.updates, p.w.device.clock(p).Mono)
	p.call(future.UpdateHold, []protocol.Field{
		protocol.Num(float64(k.call)).At(protocol.HoldCall),
		protocol.Value{Kind: protocol.Opaque, ID: k.latest}.At(protocol.Content),
	}, func(c *call) { c.keeper, c.version = k, k.version })
}

// release ends a hold.
func (p *page) release(k *keeper) {
	if k.releaseAt == 0 {
		k.releaseAt = p.w.now
	}
	k.actedAt = p.w.now
	p.call(future.ReleaseHold, []protocol.Field{protocol.Num(float64(k.call)).At(protocol.HoldCall)},
		func(c *call) { c.keeper = k })
}

// keepAlive keeps a future of the page's alive.
func (p *page) keepAlive(f *pageFuture, everyMs float64) {
	k := &keeper{p: p, keeping: f, current: f.server, inForce: f.timeoutMs, everyMs: everyMs, actedAt: p.w.now}
	args := f.args(p.w)
	if everyMs > 0 && everyMs < f.timeoutMs {
		args = append(args, protocol.Num(everyMs).At(protocol.EveryMs))
	} else {
		k.everyMs = f.timeoutMs / 4
	}
	p.w.stats.Keeps++
	for _, other := range p.keeps {
		if !other.over && other.current == f.server {
			k.shared, other.shared = true, true
		}
	}
	p.hands(f)
	p.call(future.KeepAlive, args, func(c *call) {
		delete(p.calls, c.id) // it is never settled
		k.call = c.id
		now := p.w.device.clock(p)
		k.beat(now.Mono)
		since := f.expiresAt - f.timeoutMs - now.Wall
		k.sureMono, k.sureWall = now.Mono+since, now.Wall+since
		if since > 0 { // a clock has stepped: nothing is known
			k.sureMono, k.sureWall, since = now.Mono-f.timeoutMs, now.Wall-f.timeoutMs, 0
		}
		k.ackMono, k.ackWall = now.Mono+since, now.Wall+since
		p.keeps = append(p.keeps, k)
	})
}

// hands notes that the page hands a future to the client.
func (p *page) hands(f *pageFuture) {
	for _, secret := range [...]string{f.delayID, f.tokens[0], f.tokens[1], f.tokens[2]} {
		if secret != "" {
			p.secrets[secret] = true
		}
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
	p.input(func(now session.Now) { p.client.Abort(now, c.id) })
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
	p.input(func(now session.Now) { p.client.Close(now) })
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

// inherit asks anew for what the life before had.
func (p *page) inherit(heir *page) {
	for _, k := range heir.holds {
		if !k.over && !k.leaving() && !k.superseded {
			p.w.after(p.w.draws.between(0, 300), func() {
				if p.hears() && !p.closing {
					p.join(k.spec)
				}
			})
		}
	}
	for _, k := range heir.keeps {
		if !k.final() && k.keeping.server.alive() {
			saved := *k.keeping
			p.futures = append(p.futures, &saved)
			p.w.after(p.w.draws.between(0, 300), func() {
				if p.hears() && !p.closing {
					p.keepAlive(&saved, k.everyMs)
				}
			})
		}
	}
}

func (c *call) String() string { return fmt.Sprintf("call %d %s", c.id, future.CallKinds()[c.kind]) }
