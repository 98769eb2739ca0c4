package sim

import (
	"math"

	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// early: the host is about to send at once what asked for a future. Where the
// page named a token dialect it vouched for the host; anywhere else the gate
// should have kept the request back.
func (w *world) early(r *request) {
	if !w.set.Dialect.Tokens() {
		w.broken(NeverEarly, "%s went out at once: the host was never proved to know futures", r)
	}
}

// maxEager is how many wake-ups in a row may ask for another at once: what one
// hold has done can make another's turn.
const maxEager = 5

// ticked checks what a wake-up must have left behind.
func (p *page) ticked(now session.Now) {
	if p.eager++; p.wakeAt > now.Mono {
		p.eager = 0
	}
	if p.eager > maxEager {
		p.w.broken(NoBusyWake, "woken at %.1f for the %dth time in a row, a wake-up is asked for at %.1f", now.Mono, p.eager, p.wakeAt)
	}
	for _, c := range p.calls {
		if c.due+p.late-c.late < now.Mono-1 {
			p.w.broken(SettlesInTime, "%s of %.0f ms ago should have been settled %.0f ms ago", c, now.Mono-c.mono, now.Mono-c.due)
			return
		}
	}
	for _, k := range p.keepers() {
		if k.current == nil || k.final() || k.leaving() {
			continue
		}
		if k.said && (k.status == future.Held || k.status == future.Alive || k.status == future.AtRisk) &&
			!k.unprotected() && k.expired(now) {
			p.w.broken(ExpiryKnown, "%s is %s, %.0f ms after it may have fired", k, name(k.status), math.Max(
				now.Mono-k.ackMono, now.Wall-k.ackWall)-k.inForce)
		}
		if k.current.toldGone == 0 {
			p.checkRhythm(now, k)
		}
	}
	if p.closing && !p.closed && now.Mono > p.closeBy+1 {
		p.w.broken(SilentAfterClose, "closing has taken %.0f ms", p.w.set.DeadlineMs+now.Mono-p.closeBy)
	}
	p.checkBounds()
}

// unprotected reports whether the page allowed to join without a leave, and it
// came to that.
func (k *keeper) unprotected() bool {
	return k.spec.WithoutFuture && (k.bare || k.current == nil || k.current.toldGone > 0)
}

// expired reports whether, by either clock, the server may have sent the future.
func (k *keeper) expired(now session.Now) bool {
	return now.Mono >= k.ackMono+k.inForce || now.Wall >= k.ackWall+k.inForce
}

// checkClosed: nothing is left when the client says that it is closed.
func (p *page) checkClosed() {
	for _, k := range p.holds {
		switch {
		case !k.over:
			p.w.broken(SilentAfterClose, "closed, and %s is not over", k)
		case p.w.ending && k.wellAtClose && !p.w.set.Limited && k.standing() != nil:
			p.w.broken(ReleaseEndsInLeft, "closed in all calm, and %s stands in the room", p.w.describe(k.standing().last().content))
		}
	}
}

// checkBounds looks at what is remembered.
func (p *page) checkBounds() {
	if n := len(p.calls); n > pendingCap {
		p.w.broken(PendingCap, "%d calls are open", n)
	}
	if n := size(p.client); n > rememberedCap+rememberedPerCall*p.peak {
		p.w.broken(PendingCap, "the client remembers %d things", n)
	}
}

// checkEnd is what holds when everything is over.
func (w *world) checkEnd() {
	if len(w.violations) > 0 {
		return
	}
	p := w.page
	if p == nil || p.dead {
		return
	}
	switch {
	case !p.closed:
		w.broken(SilentAfterClose, "the client was never closed")
	case len(p.calls) > 0:
		for _, c := range p.calls {
			w.broken(SettlesInTime, "%s was never settled", c)
			return
		}
	case p.steady:
		w.broken(SteadyWhileKept, "the steady clock runs on")
	}
}
