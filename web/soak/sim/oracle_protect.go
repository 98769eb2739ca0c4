package sim

import (
	"math"

	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// protected reports whether the page knows of a leave of the hold that is
// scheduled: its receipt, or an acknowledged refresh of it, was posted when the
// last acknowledged state of the hold had been answered (that state may have
// cost an earlier one), nobody has said since that it is gone, and by neither
// of the page's clocks, counted from that post, can it have gone out.
func (k *keeper) protected(now session.Now) bool {
	return k.current != nil && k.current.toldGone == 0 && !k.expired(now) && k.ackMono >= k.takenAt
}

// stateAnswered notes the answer to a state of a hold, in time.
func (k *keeper) stateAnswered(now session.Now, r *request) {
	if r.answers == 1 && now.Mono < r.mono+k.startMs() && k.stated(r.content) {
		k.takenAt = now.Mono
	}
}

// newState notes a state of the hold that was posted.
func (k *keeper) newState(r *request) {
	if k.joinedAt == 0 {
		k.joinedAt, k.first = r.at, true
		for _, other := range k.p.holds {
			k.first = k.first && (other == k || other.key != k.key || other.joinedAt == 0)
		}
	}
	const some = 16
	if len(k.states) == some {
		k.states = append(k.states[:0], k.states[1:]...)
	}
	k.states = append(k.states, r)
}

// uncertain reports whether a state of the hold may still land: it was posted,
// and no answer says what became of it.
func (k *keeper) uncertain() bool {
	for _, r := range k.states {
		if r.answers == 0 || r.unsure {
			return true
		}
	}
	return false
}

// landedBehind reports whether a state of a displaced hold was answered after
// that: it may stand on top of what displaced it, and then has to leave.
func (k *keeper) landedBehind() bool {
	if !k.said || k.status != future.Displaced {
		return false
	}
	for _, r := range k.states {
		if r.ended >= k.displacedAt {
			return true
		}
	}
	return false
}

// stating reports whether a state of the hold is under way, and still waited for.
func (k *keeper) stating(now session.Now) bool {
	for _, r := range k.states {
		if r.answers == 0 && now.Mono < r.mono+k.startMs() {
			return true
		}
	}
	return false
}

// judgeProtected: a state goes out only under a leave that is known.
func (p *page) judgeProtected(now session.Now, k *keeper, r *request) {
	if k.spec.WithoutFuture || k.protected(now) {
		return
	}
	why := "a state was acknowledged since the last proof of it"
	if k.expired(now) {
		why = "it may have gone out"
	}
	p.w.broken(ProtectedBeforeWritten, "%s of %s: its leave %s is not known to be scheduled: %s", r, k, k.current.id, why)
}

// judgeCancel: a hold cancels a leave of its own, or of an earlier hold of its
// state, only while another is known to be scheduled, or when none is needed:
// nobody has joined, the leave is in the room, or the state is somebody else's.
// A page that died just then would leave its state in the room for good.
func (p *page) judgeCancel(now session.Now, k *keeper, r *request) {
	if !k.hold || r.byPage || !p.occupies(k.key) {
		return
	}
	n := p.newest(k.key)
	switch {
	case r.future == k.current && !k.leaving() && !k.over:
		if k.said && k.status >= future.Failed || !k.started {
			return // displaced, or given up before anybody had joined
		}
		if k.spec.WithoutFuture && (k.bare || k.finalCause || k.outSince > 0) {
			return // it does without
		}
		p.w.broken(HeldProtected, "%s of the only leave of %s, which is %s", r, k, name(k.status))
	case n.left, n.leftAt > 0, n.ended && n.foreign, n.said && (n.status == future.Displaced || n.status == future.Released), n.spec.WithoutFuture:
	case r.future == n.current:
		p.w.broken(CancelKeepsOne, "%s: it is the leave of %s, which is %s, and that is not in the room", r, n, name(n.status))
	case n.protected(now):
	case n.over && n.current != nil && n.current.toldGone == 0:
		// Nobody refreshes it any more: it goes out by itself.
	default:
		p.w.broken(CancelKeepsOne, "%s, and no other leave of %s, which is %s, is known to be scheduled", r, n, name(n.status))
	}
}

// newest is the hold of a key that began last.
func (p *page) newest(key string) *keeper {
	for i := len(p.holds) - 1; i >= 0; i-- {
		if p.holds[i].key == key {
			return p.holds[i]
		}
	}
	return nil
}

// occupies reports whether a state of this page's stands in the room.
func (p *page) occupies(key string) bool {
	e := p.w.server.room[key]
	if e == nil {
		return false
	}
	t := e.last()
	c := &p.w.contents[t.content]
	return c.of != nil && c.of.p == p && !c.leave && !(t.req != nil && t.req.denied) // by a copy of what was refused
}

// bareSlack is what a wake-up may be late, in ms, beside what is measured.
const bareSlack = 1500

// checkProtect: while the state of a hold may be in the room and no leave is
// scheduled as far as the page knows, one is asked for each timeout at least.
func (p *page) checkProtect(now session.Now) {
	for _, k := range p.holds {
		bare := !k.over && k.wrote > 0 && k.started && !k.final() && !k.leaving() && !k.superseded && !k.spec.WithoutFuture &&
			(k.current == nil || k.current.toldGone > 0)
		switch {
		case !bare:
			k.bareSince = 0
			continue
		case k.bareSince == 0:
			k.bareSince, k.bareLate = now.Mono, p.late
		}
		if !p.ready || !p.hears() || p.w.device.asleep > 0 || p.w.host.seat(p).refusing || len(p.calls) > busy || p.full(now) {
			k.bareSince, k.bareLate = now.Mono, p.late
			continue
		}
		late := p.late - k.bareLate + math.Max(0, now.Mono-p.wakeAt)
		if gap := now.Mono - k.bareSince; gap > k.inForce+late+bareSlack {
			p.w.broken(ProtectOften, "%s has no leave, and has not asked for one for %.0f ms; its timeout is %.0f ms", k, gap, k.inForce)
			return
		}
	}
}

// busy is how many calls may be open before what a hold wants has to wait.
const busy = 100
