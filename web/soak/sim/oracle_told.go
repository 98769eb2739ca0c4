package sim

import (
	"math"
	"slices"

	"github.com/widget-futures/widget-futures/protocol/future"
)

// learnUser notes whether the page can know whose events are its user's: it was
// told who the user is, or the host has told of an event that it wrote itself.
func (p *page) learnUser() {
	for _, k := range p.holds {
		if k.knowsUser || k.over {
			continue
		}
		k.knowsUser = k.before != nil && p.own[k.before.id] && k.before.stateOf(k) ||
			slices.ContainsFunc(k.heard, func(e *roomEvent) bool { return p.own[e.id] && e.stateOf(k) })
	}
}

// overwritten notes that the page was told of an event on top of a hold's state,
// in its own user's name: the leave of an earlier page, or one of its own that
// came late. What is older than the own state as the room has it is no cause.
func (p *page) overwritten(k *keeper, e *roomEvent) {
	if !k.knowsUser || e.sender != user || p.own[e.id] || e.stateOf(k) || k.over || k.final() || k.leaving() || k.superseded {
		return
	}
	var last *request
	for _, r := range k.states {
		if r.became != nil {
			last = r
		}
	}
	if last == nil || last.became.seq >= e.seq ||
		(last.answers == 0 || last.unsure) && !slices.Contains(k.heard, last.became) {
		return
	}
	k.told = e
	p.w.stats.Overwritten++
	p.planTold(k, e, p.w.now)
}

// planTold plans to look whether the hold has repaired what it was told of.
func (p *page) planTold(k *keeper, e *roomEvent, since float64) {
	w := p.w
	ms := k.patience()
	if w.active == 0 && since-math.Max(w.quiet, k.actedAt) > 30000 && w.settled <= since+1000 && since == w.now && k.said && k.status == future.Held {
		ms = 1.1*k.everyMs + toldMs // it was well, and nothing is wrong with the world
	}
	w.at(math.Max(since, w.settled)+ms, func() { p.checkTold(k, e, since) })
}

// toldMs is what the steps of a repair may take: a refresh, its answer, the
// state, its answer, and a grace for what the server is sending.
const toldMs = 4000

// checkTold: what a hold was told of is repaired, or it does not say any more
// that all is well.
func (p *page) checkTold(k *keeper, e *roomEvent, since float64) {
	w := p.w
	if w.page != p || p.dead || k.told != e || k.over || k.final() || k.leaving() || k.superseded || p.closing || w.ending {
		return
	}
	if now := w.server.room[k.key]; now != e || w.set.Limited || k.loose {
		return // repaired, or something new that it may not know of
	}
	if w.active > 0 || w.device.asleep > 0 || w.quiet > since || k.actedAt > since || w.host.seat(p).refusing ||
		k.status != future.Held || len(p.calls) > busy {
		p.planTold(k, e, w.now+1)
		return
	}
	w.brokenSince(since-40000, HeldIsTold, "%s was told %.0f ms ago that %s overwrote its state, is %s, and the room has %s",
		k, w.now-since, e.id, name(k.status), w.describe(e.last().content))
}
