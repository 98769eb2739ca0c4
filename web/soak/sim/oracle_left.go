package sim

import (
	"math"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// planLeft plans to look at the room once what was under way at the end of a
// release has arrived.
func (p *page) planLeft(k *keeper) {
	at := p.w.now
	p.w.at(math.Max(at, p.w.settled)+2*p.w.set.DeadlineMs+3000, func() { p.checkLeft(k, at) })
}

// checkLeft: a hold that said to be released has no state in the room. A state
// that the page knew to be there must be gone; one that was acknowledged only
// afterwards too, where the world let the page see to it.
func (p *page) checkLeft(k *keeper, released float64) {
	w := p.w
	e := k.standing()
	if e == nil || k.superseded || p.dead && p.deadAt < released+1 {
		return
	}
	t := e.last()
	r := t.req
	if r == nil || r.answers == 0 || r.unsure || r.refused != nil {
		return // the page cannot know
	}
	if t.at > released || r.endedAt > released {
		if p.dead || p.closed || w.quiet > released-1000 || w.active > 0 || w.set.Limited {
			return
		}
	}
	w.brokenSince(math.Min(t.at, released)-40000, LeftAfterRelease, "%s was released %.0f ms ago, and %s stands in the room", k, w.now-released, w.describe(t.content))
}

// checkHidden: on pagehide the leave of each hold goes out by every path there
// is: over HTTP where the homeserver is known, as a message in the dialects
// whose verbs are messages, as a plain event where there is no future, or where
// it may be spent: by the page's clocks, or by a state that was posted after
// what proved it last.
func (p *page) checkHidden(now session.Now) {
	for _, k := range p.holds {
		if k.over || k.spec.StayOnHide || k.wrote == 0 || !p.ready || p.closing || k.left {
			continue
		}
		if k.said && k.status >= future.Failed || k.releaseAt > 0 || !k.started {
			continue
		}
		beacon, message, plain := false, false, false
		for _, r := range p.hidden {
			beacon = beacon || r.beacon && r.future == k.current
			message = message || !r.beacon && r.verb == "send" && r.future == k.current
			plain = plain || r.event() && r.keeper == k && p.w.contents[r.content].leave
		}
		tokens := p.w.set.Dialect.Tokens()
		armed := k.current != nil && !k.current.rumoured && !k.bare && !k.uncertain()
		wrote := len(k.states) > 0 && !k.states[len(k.states)-1].denied
		spent := k.stating(now) || armed && (k.expired(now) || wrote && k.statePost > k.ackMono)
		switch {
		case armed && p.w.set.Homeserver && !beacon:
			p.w.broken(PageHideLeaves, "%s sends no beacon", k)
		case armed && !tokens && !message && !p.w.host.seat(p).refusing && !p.full(now):
			p.w.broken(PageHideLeaves, "%s sends no message", k)
		case (k.current == nil || k.current.toldGone > 0) && !plain:
			p.w.broken(PageHideLeaves, "%s has no future, and writes no leave", k)
		case spent && !plain && !p.full(now):
			p.w.broken(PageHidePlain, "the future of %s may be spent, and it writes no leave", k)
		}
	}
}

// checkWithout: a hold that may do without a leave does not end because the
// server does not serve restarts.
func (p *page) checkWithout(k *keeper, code protocol.Code) bool {
	if !k.started && (code == protocol.CodeTimeout || p.w.now-k.asked >= math.Min(p.w.set.DeadlineMs, k.deadlineMs())-1) {
		return true // the start was not done in time
	}
	if k.spec.WithoutFuture && k.outSince > 0 && !k.hardCause && !k.superseded && !k.foreign && !p.sentNow &&
		k.releaseAt == 0 && !p.closing && !k.hiding && !k.aborted &&
		len(k.gones)+len(k.doubts) <= maxRearms {
		p.w.broken(UnprotectedStays, "%s may do without a leave, and failed because restarts are not served", k)
		return false
	}
	return true
}
