package sim

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
)

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
	k.latest = p.w.keep(content{of: k, life: p.number, version: 1, class: p.w.stateClass(spec.Class)})
	leave := content{of: k, life: p.number, leave: true, class: plainLeave}
	if spec.Wordy {
		leave.class = wordyLeave
	}
	k.leave = p.w.keep(leave)
	args := append(p.event(stateType, k.key, k.latest),
		protocol.Num(spec.TimeoutMs).At(protocol.TimeoutMs),
		protocol.Value{Kind: protocol.Opaque, ID: k.leave}.At(protocol.LeaveContent),
		protocol.Bool(!spec.StayOnHide).At(protocol.LeaveOnPageHide),
		protocol.Bool(spec.WithoutFuture).At(protocol.WithoutFuture),
	)
	args = protocol.AppendNum(args, protocol.RefreshMs, spec.RefreshMs)
	args = protocol.AppendNum(args, protocol.DeadlineMs, spec.DeadlineMs)
	if k.knowsUser = p.knowsUser; p.told[k.key] != nil {
		args = heardFields(args, p.told[k.key])
	}
	p.w.stats.Holds++
	k.before = p.told[k.key]
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

// recurring is how many contents recur by themselves; any other can recur when
// a page is loaded again.
const recurring = 3

// stateClass is the class of a state with the content of that number; 0 is a new
// one.
func (w *world) stateClass(n int) int {
	if n == 0 {
		n = recurring + len(w.contents)
	}
	return firstState + n
}

// update gives a hold a new content, one of those that recur or another.
func (p *page) update(k *keeper, class int) {
	k.version++
	k.latest = p.w.keep(content{of: k, life: p.number, version: k.version, class: p.w.stateClass(class)})
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

// inherit asks anew for what the life before had, with the same contents or
// with others.
func (p *page) inherit(heir *page, same bool) {
	for _, k := range heir.holds {
		if !k.over && !k.superseded && (!k.leaving() || k.hiding) {
			spec := k.spec
			if spec.Class = 0; same {
				spec.Class = p.w.contents[k.latest].class - firstState
			}
			p.w.after(p.w.draws.between(0, 300), func() {
				if p.hears() && !p.closing {
					p.join(spec)
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
