package sim

import (
	"slices"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// begin lets an item of the plan happen.
func (w *world) begin(item *Item) {
	if w.ending {
		return
	}
	if item.Kind >= firstAct {
		w.act(item)
		return
	}
	w.tell("⚡ %s", item)
	w.strike(item)
	if item.For > 0 {
		w.active++
		w.after(item.For, func() {
			if w.active > 0 { // else the plan is over
				w.tell("⚡ over: %d %s", item.N, item.Kind)
				w.active--
				w.relent(item)
				w.quiet = w.now
			}
		})
	}
	w.quiet = w.now
}

// strike begins a fault.
func (w *world) strike(item *Item) {
	p := w.page
	switch item.Kind {
	case Loss, Delay, Duplicate, Reorder:
		way := &w.ways[item.Hop]
		way.faults = append(way.faults, item)
	case HostDown:
		w.host.stop()
	case ServerDown:
		w.server.down++
	case Throttle:
		w.device.throttle++
	case Sleep:
		w.device.sleep()
	case WallStep:
		w.device.steps += item.Amount
	case Vanish:
		w.server.vanish()
	case Lower:
		w.server.maxDelay = item.Amount
	case Kick:
		if p != nil && len(p.holds) > 0 {
			k := p.holds[item.Slot%len(p.holds)]
			if w.server.room[k.key] != nil {
				w.server.write(k.key, moderator, w.keep(content{}), nil, nil)
			}
		}
	case Revoke:
		if p != nil && w.host.down == 0 && !w.set.Host.AtOnce() {
			w.host.revoke(p)
		}
	default:
		w.faults = append(w.faults, item)
	}
}

// relent ends a fault.
func (w *world) relent(item *Item) {
	same := func(other *Item) bool { return other == item }
	switch item.Kind {
	case Loss, Delay, Duplicate, Reorder:
		way := &w.ways[item.Hop]
		way.faults = slices.DeleteFunc(way.faults, same)
	case HostDown:
		w.host.start()
	case ServerDown:
		w.server.back()
	case Throttle:
		if w.device.throttle--; w.device.throttle == 0 && w.page != nil {
			w.page.planTick()
		}
	case Sleep:
		w.device.wake(item.Count)
	default:
		w.faults = slices.DeleteFunc(w.faults, same)
	}
}

// mend ends every fault at once.
func (w *world) mend() {
	for i := range w.plan.Items {
		item := &w.plan.Items[i]
		if item.Kind < firstAct && item.For > 0 && item.At <= w.now && item.At+item.For > w.now {
			w.relent(item)
		}
	}
	w.active, w.quiet = 0, w.now
	if p := w.page; p != nil && p.frozen {
		p.back()
	}
}

// act has the page do something, once it is awake.
func (w *world) act(item *Item) {
	w.device.awake(func() {
		if p := w.page; p != nil && p.hears() && !p.closing && !w.ending {
			w.tell("☞ %s", item)
			p.do(item)
		}
	})
}

func slot[T any](list []T, n int) (one T, ok bool) {
	if len(list) == 0 {
		return one, false
	}
	return list[n%len(list)], true
}

// held lists the holds that can be updated and released.
func (p *page) held() []*keeper {
	return slices.DeleteFunc(slices.Clone(p.holds), func(k *keeper) bool { return k.over || !k.started })
}

func (p *page) do(item *Item) {
	switch item.Kind {
	case Join:
		p.join(item.Hold)
	case GiveUp:
		k := p.join(item.Hold)
		c := &call{id: k.call, kind: future.HoldState, keeper: k}
		p.later(item.Amount, func() {
			if p.calls[k.call] != nil {
				p.abort(c)
			}
		})
	case Update:
		if k, ok := slot(p.held(), item.Slot); ok {
			p.update(k, item.Count)
		}
	case Release:
		if k, ok := slot(p.held(), item.Slot); ok {
			p.release(k)
		}
	case Schedule:
		content := p.w.keep(content{life: p.number})
		args := append(p.event(stateType, lonelyKey, content), protocol.Num(item.Amount).At(protocol.TimeoutMs))
		c := p.call(future.SendFuture, args, func(c *call) { c.content = content })
		if item.Count > 0 { // given up after a while
			p.later(float64(item.Count), func() {
				if p.calls[c.id] != nil {
					p.abort(c)
				}
			})
		}
	case RefreshIt, CancelIt, SendIt:
		if f, ok := slot(p.futures, item.Slot); ok {
			p.verb(future.RefreshFuture+future.CallKind(item.Kind-RefreshIt), f)
		}
	case Keep:
		if f, ok := slot(p.futures, item.Slot); ok && !f.ended {
			p.keepAlive(f, item.Amount)
		}
	case StopKeep:
		if k, ok := slot(p.keeps, item.Slot); ok && !k.over {
			p.w.tell("→ stop %s", k)
			k.ending, k.actedAt = true, p.w.now
			p.input(func(now session.Now) { p.core.Abort(now, k.call) })
			if !k.over {
				p.w.broken(StatusOrder, "%s was stopped and is not over", k)
			}
		}
	case SendPlain:
		for range item.Count {
			p.call(future.SendEvent, p.event(plainType, "", p.w.keep(content{life: p.number})), nil)
		}
	case Ask:
		p.call(future.RequestCapabilities,
			protocol.AppendTexts(nil, protocol.Capabilities, []string{protocol.CapSendEvent + plainType}),
			func(c *call) { c.due += handshakeMs })
	case Close:
		p.close()
		p.w.after(item.Amount, func() { p.next("closed", nil, false) })
	case Kill:
		p.die("killed")
		p.w.after(item.Amount, func() { p.next("", p, item.Same) })
	case Hide:
		p.hide()
		p.die("navigated away")
		p.w.after(item.Amount, func() { p.next("", p, item.Same) })
	case Freeze:
		p.hide()
		p.frozen = true
		p.w.active++
		p.w.after(item.For, func() {
			if p.frozen && p.w.active > 0 {
				p.w.active--
				p.w.quiet = p.w.now
				p.w.device.awake(p.back)
			}
		})
	case Delegate:
		if k, ok := slot(p.held(), item.Slot); ok && k.current != nil && k.current.alive() && !p.w.server.starved() {
			f := k.current
			p.w.server.end(f, sent)
			p.w.server.write(f.key, user, f.content, f, f.req)
			p.update(k, item.Count)
			p.later(item.Amount, func() {
				if !k.over {
					p.release(k)
				}
			})
		}
	case Awake:
		p.wakeUp()
	}
}

// lonelyKey is the state of futures that no hold cares for.
const lonelyKey = "alone"

// later does something in this life, if it is still awake then.
func (p *page) later(ms float64, do func()) {
	p.w.after(ms, func() {
		if p.hears() && p.w.device.asleep == 0 {
			do()
		}
	})
}

// next begins the life after this one, whose holds heir has; same says that it
// asks for the same contents.
func (p *page) next(why string, heir *page, same bool) {
	if p.w.ending || p.w.page != p {
		return
	}
	if !p.dead {
		p.die(why)
	}
	p.w.device.awake(func() {
		if p.w.page == p && !p.w.ending {
			p.w.born(heir, same)
		}
	})
}

// hide tells the client of pagehide.
func (p *page) hide() {
	for _, k := range p.holds {
		if !k.over && !k.spec.StayOnHide {
			k.hiding = true
		}
	}
	p.w.tell("→ pagehide")
	p.hidden = p.hidden[:0]
	p.hiding = true
	p.input(func(now session.Now) { p.core.Page(now, future.PageHidden) })
	p.hiding = false
	p.checkHidden(p.last)
}

// back tells the client that the page was shown again.
func (p *page) back() {
	if !p.frozen || p.dead {
		return
	}
	p.w.tell("→ pageshow")
	p.frozen = false
	for _, k := range p.holds {
		if k.hiding && len(k.states) == 0 {
			k.hiding = false // nobody had joined
		}
		if k.hiding {
			k.hiding, k.current = false, nil // its leave went out, for all the page knows
		}
		k.hurried, k.actedAt = p.w.device.clock(p).Mono, p.w.now
	}
	p.input(func(now session.Now) { p.core.Page(now, future.PageBack) })
	p.planTick()
}
