package sim

import (
	"math"

	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// abandoned notes a hold that nobody looks after any more: whatever it left in
// the room has to go.
func (w *world) abandoned(k *keeper) {
	if k.hold && k.abandonedAt == 0 {
		k.abandonedAt = w.now
		w.ghosts = append(w.ghosts, k)
	}
}

// straggle is how long a message may be under way, at most, with room to spare.
const straggle = 90000

// checkGhosts: the state of an abandoned hold goes when its leave is due.
func (w *world) checkGhosts() {
	kept := w.ghosts[:0]
	for _, k := range w.ghosts {
		if e := k.standing(); e != nil && !w.checkGhost(k, e) || w.now < k.abandonedAt+straggle {
			kept = append(kept, k)
		}
	}
	w.ghosts = kept
}

// checkGhost reports whether there is nothing more to wait for.
func (w *world) checkGhost(k *keeper, e *roomEvent) (done bool) {
	var last *serverFuture
	for _, f := range k.made {
		if f.alive() {
			if late := w.now - f.began - f.delay - w.set.BatchMs; late > 1 && w.server.down == 0 && w.now > w.server.upSince+1 {
				w.broken(LeaveAfterDeath, "%s is gone since %.0f ms, its leave %s is overdue by %.0f ms", k, w.now-k.abandonedAt, f.id, late)
			}
			return false
		}
		if last == nil || f.ended > last.ended {
			last = f
		}
	}
	switch {
	case w.now < k.abandonedAt+straggle || k.spec.WithoutFuture:
		return k.spec.WithoutFuture
	case last == nil:
		w.broken(LeaveFirst, "%s left a state in the room and never had a leave", k)
	case last == k.current && !e.last().req.denied && last.state == cancelled && last.endedBy != nil && last.endedBy.page == k.p && last.endedBy.verb == "cancel" &&
		!k.superseded && !k.foreign && e.last().at < last.ended:
		w.broken(LeaveAfterDeath, "%s cancelled its last leave %s, its state stands in the room for good", k, last.id)
	}
	return true // its future was gone before, and nobody had been told yet
}

// calmStep is how often the calm is looked at.
const calmStep = 5000

// patience is how long, without faults, a hold may take to be well again: an
// attempt that was under way ends, a 429 is waited for, the re-arming of an
// outage is spread over a timeout, what may be scheduled in vain is waited for,
// and the steps to being held are taken, each of which may be slowed.
func (k *keeper) patience() float64 {
	w := k.p.w
	ms := math.Max(k.inForce, k.spec.TimeoutMs)
	return 2*ms + 4*w.set.DeadlineMs + w.set.BatchMs + 45000
}

// calmMs is the patience that any keeper of the plan needs.
func (w *world) calmMs() float64 {
	most := 60000.0
	for _, p := range w.lives {
		for _, k := range p.keepers() {
			most = math.Max(most, k.patience())
		}
	}
	return most + 60000
}

// lastMs is how long everything may take to end after the client was closed.
func (w *world) lastMs() float64 {
	most := 0.0
	for _, f := range w.server.list {
		most = math.Max(most, f.delay)
	}
	return most + w.set.BatchMs + w.set.DeadlineMs + straggle + calmStep
}

// watchCalm looks, now and then, at what should be well by now.
func (w *world) watchCalm() {
	w.checkGhosts()
	p := w.page
	if p != nil && p.hears() && w.device.asleep == 0 {
		p.checkProtect(w.device.clock(p))
	}
	if p != nil && p.hears() && !p.closing && !w.host.seat(p).refusing && w.active == 0 && w.device.asleep == 0 && p.ready {
		now := w.device.clock(p)
		for _, k := range p.keepers() {
			since := math.Max(math.Max(w.quiet, p.born), k.actedAt)
			if w.now-since > k.patience() && !k.leaving() && !k.final() && !k.superseded {
				w.stats.Calms++
				p.checkCalm(now, k)
			}
		}
	}
	w.after(calmStep, w.watchCalm)
}

// checkCalm: without faults everything is as it should be.
func (p *page) checkCalm(now session.Now, k *keeper) {
	w := p.w
	if f := k.current; f != nil && f.ended > 0 && w.now-f.ended < k.patience() {
		return // of late, and no fault of the world's
	}
	if !k.hold {
		if k.status != future.Alive && k.status != future.AtRisk || !k.current.alive() {
			if w.set.Limited && k.status != future.Lost {
				return // its rate may be more than the server allows
			}
			w.broken(CalmMeansHeld, "%s is %s, and %s %s", k, name(k.status), k.current.id, k.current.state)
		}
		return
	}
	free, e0 := k.unprotected(), w.server.room[k.key]
	if w.set.NoRestart && k.spec.WithoutFuture {
		if k.status != future.Held || e0 != nil && !w.same(e0.first().content, k.latest) && !(k.loose && k.standing() == e0) && k.blame(e0) != "" && w.now-e0.last().at > k.patience() {
			w.broken(UnprotectedStays, "%s may do without a leave, is %s, and the room has %s", k, name(k.status), w.describe(e0.last().content))
		}
		return
	}
	if !free && !w.set.Limited && (!k.said || k.status != future.Held) {
		w.broken(CalmMeansHeld, "%s is %s after %.0f s without a fault", k, name(k.status), (w.now-w.quiet)/1000)
		return
	}
	if !free && (k.current == nil || !k.current.alive()) && !w.set.Limited {
		w.broken(HeldProtected, "%s is %s, and its leave is %s", k, name(k.status), k.currentState())
		return
	}
	e := w.server.room[k.key]
	if e == nil || w.same(e.first().content, k.latest) || k.loose && k.standing() == e || w.now-e.last().at < k.patience() {
		return
	}
	if why := k.blame(e); why != "" && !w.set.Limited {
		w.brokenSince(e.last().at-40000, HeldInRoom, "%s is %s, but the room has %s since %.1f s: %s", k, name(k.status), w.describe(e.last().content),
			(w.now-e.last().at)/1000, why)
	}
}

func (k *keeper) currentState() string {
	if k.current == nil {
		return "missing"
	}
	return k.current.state.String()
}

// blame says why the hold should have repaired what overwrote its state; "" when
// it could not know of it.
func (k *keeper) blame(e *roomEvent) string {
	if k.told == e {
		return "the page heard of it"
	}
	t := e.last()
	r := t.req
	if e.sender != user || r == nil {
		return "" // another's
	}
	if r.page != k.p {
		if t.by != nil && k.first && len(k.heard) == 0 && !k.everGone && t.at <= k.joinedAt+k.inForce {
			return "it was the leave of a page before, within a timeout"
		}
		return ""
	}
	if f := t.by; f != nil {
		switch {
		case f.receipts > 0 && (f.toldGone == 0 || f.toldGone >= t.at):
			return "it was the leave of a future that the page knows"
		case f.receipts > 0 && k.tookForOld(f, t.at):
			return "the page knows that the server took its state for the one before"
		case f.receipts > 0 || len(r.made) > 1:
			return "" // the server lied about it, or the network doubled it
		case t.at <= r.at+f.delay+math.Max(k.startMs(), k.p.w.set.BatchMs):
			return "it was the leave of an attempt without an answer"
		}
		return ""
	}
	if r.answers > 0 && r.written+r.equal == 1 && r.refused == nil && !r.unsure {
		return "the page knows that it was written"
	}
	return ""
}

// tookForOld reports whether the hold knew the leave to be gone and then sent its
// state, and was answered with the id of the one it had: nothing was written, so
// the leave that the server had begun to send was yet to land on it.
func (k *keeper) tookForOld(f *serverFuture, landed float64) bool {
	for _, r := range k.states {
		if f.toldGone > 0 && r.at >= f.toldGone && r.known && f.ended <= r.endedAt && r.endedAt < landed {
			return true
		}
	}
	return false
}
