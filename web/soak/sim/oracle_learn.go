package sim

import (
	"math"
	"slices"
	"strings"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// attemptMs is how long a keeper's own refresh waits for its answer, startMs how
// long another request of a hold does.
func (k *keeper) attemptMs() float64 { return k.p.w.set.DeadlineMs }

func (k *keeper) startMs() float64 {
	return math.Min(k.p.w.set.DeadlineMs, math.Min(0.9*overlap*k.everyMs, 0.6*k.inForce))
}

// learn notes what an answer tells the page, before the client hears it.
func (p *page) learn(r *request, a *answer) {
	now := p.w.device.clock(p)
	if r.answers++; r.answers == 1 {
		r.ended, r.endedAt, r.denied = now.Mono, p.w.now, a.why != nil && !a.why.open()
	}
	ok := a.garbage == 0 && a.message == ""
	r.refused = a.why
	r.unsure = !ok && (a.why == nil || a.why.open())
	p.versions = p.versions || a.versions != nil && now.Mono < r.mono+p.w.set.DeadlineMs
	if a.why != nil && a.why.status == 429 && !a.why.full {
		// A limit is the user's: everything that is kept waits for it together.
		p.limited = math.Max(p.limited, now.Mono+math.Max(a.why.waitMs(true), defaultWaitMs))
	}
	switch {
	case r.schedules() && ok && a.reply != nil:
		p.learnReceipt(r, a)
	case r.event() && ok && a.reply != nil && r.answers == 1:
		known := p.own[a.reply.event]
		r.known = known
		p.own[a.reply.event] = true
		if k := r.keeper; k != nil {
			k.hurried = now.Mono // it is verified at once
			if !known {          // else nothing was written
				k.stateAnswered(now, r)
			}
			if p.w.contents[r.content].leave {
				k.leftAt = p.w.now
			}
		}
		p.learnUser()
	case r.future != nil && r.verb == "restart" && ok:
		p.learnRefreshed(now, r)
	case r.future != nil && (ok || a.why != nil && a.why.gone()):
		p.learnGone(now, r)
	}
	if k := r.keeper; k != nil && !ok {
		if r.event() && r.unsure {
			k.stateAnswered(now, r) // it may have been written, and have cost the leave
		}
		k.learnRefusal(now, r, a)
	}
}

// learnRefreshed: a refresh was acknowledged.
func (p *page) learnRefreshed(now session.Now, r *request) {
	r.future.lastWall = math.Max(r.future.lastWall, r.wall)
	for _, k := range p.keepers() {
		if k.current != r.future {
			continue
		}
		if r.answers == 1 { // another answer to the same request is not heard
			k.outSince = 0
		}
		k.waited = k.waited || r.mono > k.waitFrom
		k.ackMono, k.ackWall = math.Max(k.ackMono, r.mono), math.Max(k.ackWall, r.wall)
		k.ackAt = now.Mono
		if k.listens(now, r) && r.answers == 1 {
			k.sureMono, k.sureWall = math.Max(k.sureMono, r.mono), math.Max(k.sureWall, r.wall)
		}
	}
}

// learnGone: the future was sent or cancelled, as the server says or by the verb.
func (p *page) learnGone(now session.Now, r *request) {
	f, k := r.future, r.keeper
	if k != nil && r.verb == "send" && r.refused == nil {
		k.leftAt = p.w.now
	}
	if k != nil && r.verb == "restart" && f == k.current && r.mono < k.ackMono {
		f.rumoured = true // a later refresh was acknowledged: answers overtake, or lie
		return
	}
	if k != nil && !f.counted {
		f.counted, k.everGone = true, true
		k.gones = append(within(k.gones, now.Mono-k.inForce), now.Mono)
	}
	f.rumoured = true
	if f.toldGone == 0 && r.answers == 1 && (k == nil || k.listens(now, r)) {
		f.toldGone = p.w.now
	}
}

// defaultWaitMs is what a 429 without a hint waits.
const defaultWaitMs = 5000

// listens reports whether the client surely still takes the answer.
func (k *keeper) listens(now session.Now, r *request) bool { return now.Mono < r.mono+k.attemptMs() }

// learnRefusal notes what a refusal allows a keeper to do.
func (k *keeper) learnRefusal(now session.Now, r *request, a *answer) {
	why := a.why
	if r.event() && why != nil && why.status >= 400 && why.status < 500 && why.status != 429 {
		k.loose = true // the content is refused: an older one may stand
	}
	refresh := r.verb == "restart" && !r.byPage && r.future == k.current
	switch {
	case why == nil:
		if strings.Contains(a.message, "apability") {
			k.finalCause, k.hardCause = true, true
		}
	case why.status == 429 && refresh:
		wait := why.waitMs(!r.http && k.p.w.set.Host != Rust)
		if wait == 0 {
			wait = defaultWaitMs
		}
		if until := now.Mono + wait; !k.listens(now, r) {
			k.waitUntil = math.Min(k.waitUntil, until) // who listens waits as told last
		} else if r.answers == 1 {
			k.waitFrom, k.waitUntil, k.waited = now.Mono, until, false
		}
	case why.status == 429 || why.soft:
	case why.passing():
		if k.outSince == 0 {
			k.outSince = r.mono
		}
		if why.status == 401 || r.event() {
			k.hardCause = true
		}
		k.finalCause = k.finalCause || k.hold && !k.started || now.Mono-k.outSince >= k.inForce
	case why.final(), r.verb == "" && why.status >= 400 && why.status < 500:
		k.finalCause, k.hardCause = true, true
	}
}

func (p *page) learnReceipt(r *request, a *answer) {
	f := p.w.server.byID[a.reply.id]
	if f == nil { // sent at once
		p.sentNow = true
		return
	}
	f.receipts++
	if p.w.set.Host == Draft || p.w.set.Host == Prefixed {
		for _, token := range f.tokens {
			p.secrets[token] = true
		}
	} else {
		p.secrets[f.id] = true
	}
}

// learned checks what the client made of an answer.
func (p *page) learned(r *request, a *answer) {
	w, k, now := p.w, r.keeper, p.w.device.clock(p)
	if p.sentNow && !p.sentTold {
		w.broken(NeverEarly, "the receipt of %s says that it went out at once, and the page was not told", r)
		return
	}
	if r.givenUp && k == nil && r.answers == 1 && r.schedules() && a.message == "" && a.garbage == 0 &&
		!r.orphanTold && now.Mono < r.givenUpAt+600000-1000 && !p.closing && !p.sentNow {
		w.broken(OrphanTold, "the late receipt of %s was not told", r)
	}
	if k != nil && r.event() {
		p.checkVerifying(k, r, a)
	}
	if k == nil || r.verb != "restart" || r.answers > 1 || r.byPage || k.shared || !k.hold && k.ending || r.future != k.current ||
		now.Mono >= r.mono+k.attemptMs() || k.final() || k.leaving() {
		return
	}
	ok := a.garbage == 0 && a.message == ""
	well := k.said && (k.status == future.Held || k.status == future.Alive)
	switch {
	case ok && !r.alive && well:
		w.broken(HeldProtected, "%s is %s by an acknowledged refresh, but the server had let %s go", k, name(k.status), r.future.id)
	case a.why != nil && a.why.gone() && r.mono >= k.ackMono && k.said && !k.bare && k.status != future.Lost && k.status != future.Starting && k.status < future.Failed:
		w.broken(HeldProtected, "the server said that %s is gone, and %s is %s", r.future.id, k, name(k.status))
	}
}

// checkVerifying: the answer to an own state brings a refresh, if the overlap
// allows one.
func (p *page) checkVerifying(k *keeper, r *request, a *answer) {
	now := p.w.device.clock(p)
	switch {
	case a.garbage > 0 || a.message != "" || r.answers > 1 || a.reply == nil || r.written == 0,
		p.w.contents[r.content].leave, r.content != k.latest, now.Mono >= r.mono+k.startMs(),
		k.final(), k.leaving(), k.superseded, k.bare, k.current == nil || k.current.rumoured,
		p.limited > 0 && now.Mono < p.limited+2*k.everyMs, k.underWay(now.Mono) > overlap, p.full(now):
		return
	}
	if k.lastPost != now.Mono && k.statePost != now.Mono {
		p.w.broken(VerifiedAtOnce, "%s is in the room, and %s does not look whether its leave is still there", p.w.describe(r.content), k)
	}
}

// witness notes a room event that the page hears of.
func (p *page) witness(e *roomEvent) {
	for _, k := range p.holds {
		if k.key != e.key {
			continue
		}
		if k.echoed && e != k.before && !slices.Contains(k.heard, e) && e.sender != user && !k.final() && !k.leaving() {
			k.kicked = true
		}
		k.echoed = k.echoed || p.own[e.id] && e.stateOf(k)
		if e.sender == user && !p.own[e.id] {
			k.doubts = append(within(k.doubts, p.last.Mono-k.inForce), p.last.Mono)
		}
		if e.sender != user || len(k.doubts) > maxRearms || k.key == stateKeys[2] && !e.stateOf(k) {
			k.foreign = true
		}
		if !k.over && !slices.Contains(k.heard, e) {
			k.heard = append(k.heard, e)
		}
		p.learnUser()
		p.overwritten(k, e)
	}
}

// revoked: the host approves less than it did.
func (p *page) revoked(approved []string) {
	if !slices.Contains(approved, protocol.CapSendDelayed) {
		for _, k := range p.keepers() {
			k.finalCause = true
		}
	}
}

// checkFailed: a hold or keepAlive fails only for a cause.
func (p *page) checkFailed(k *keeper, code protocol.Code) {
	if !p.checkWithout(k, code) {
		return
	}
	switch code {
	case protocol.CodeTimeout, protocol.CodeClosed, protocol.CodeHost, protocol.CodeBadResponse:
		// The start, or a release, that did not succeed in time.
		if !k.started || k.leaving() {
			return
		}
	case protocol.CodeUnsupported, protocol.CodeCapability, protocol.CodeSentImmediately, protocol.CodeInvalid:
		if !k.started || p.sentNow {
			return
		}
	}
	switch {
	case k.finalCause, p.sentNow, len(k.gones)+len(k.doubts) > maxRearms, k.superseded, k.foreign:
	case p.w.set.Host.AtOnce(), !k.started && p.closing:
	case !k.started && p.w.now-k.asked >= math.Min(p.w.set.DeadlineMs, k.deadlineMs()):
	case k.releaseAt > 0:
	default:
		p.w.broken(FailedForCause, "%s failed with %s, and nothing final had happened", k, code)
	}
}

func (k *keeper) deadlineMs() float64 {
	if k.spec.DeadlineMs > 0 {
		return k.spec.DeadlineMs
	}
	return k.p.w.set.DeadlineMs
}

// checkExpiry: what expires was counted from a post.
func (p *page) checkExpiry(k *keeper, at float64) {
	if f := k.current; f != nil {
		p.checkFutureExpiry(f, at)
	}
}

func (p *page) checkFutureExpiry(f *serverFuture, at float64) {
	if latest := f.lastWall + f.delay; at > latest+0.5 {
		p.w.broken(ExpiryHonest, "%s is said to expire %.0f ms after what its last acknowledged post allows", f.id, at-latest)
	}
}
