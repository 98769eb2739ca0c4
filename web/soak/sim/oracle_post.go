package sim

import (
	"math"

	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// perTimeout bounds what a hold or keepAlive posts within a timeout beside its
// refreshes and their retries; perWrite what each of the page's own changes adds.
const (
	stormBase = 32 // sixteen leaves may be cancelled at a time
	maxRearms = 3
)

// checkEffect looks at an effect before it is carried out.
func (p *page) checkEffect(e session.Effect) {
	if p.closed && p.w.now > p.deadAt {
		p.w.broken(SilentAfterClose, "effect %d after closed", e.Op)
	}
}

func (p *page) checkWake(now session.Now, at float64) {
	if math.IsNaN(at) || math.IsInf(at, 0) {
		p.w.broken(NoBusyWake, "a wake-up is asked for at %g", at)
	}
}

// target is the future that a verb is about.
func (p *page) target(r *request) *serverFuture {
	if r.http && !r.beacon || p.w.server.byToken[r.id] != nil {
		return p.w.server.byToken[r.id]
	}
	return p.w.server.byID[r.id]
}

// posted notes a request when it goes out; it is judged at the end of its input.
func (p *page) posted(now session.Now, r *request) {
	w := p.w
	w.stats.Posts++
	r.future = p.target(r)
	r.byPage = p.calledFor(r)
	switch {
	case r.schedules() || r.event():
		r.keeper = w.contents[r.content].of
		if r.schedules() {
			w.contents[r.content].req = r
		}
	case r.future != nil:
		r.keeper = p.keeperOf(r.future)
	}
	p.fresh = append(p.fresh, r)
	if p.hiding {
		p.hidden = append(p.hidden, r)
	}
}

// calledFor reports whether a verb is one that the page called for, and not the
// client's own idea.
func (p *page) calledFor(r *request) bool {
	words := [3]string{"restart", "cancel", "send"}
	for i, c := range p.verbs {
		if r.future == c.future.server && r.verb == words[c.kind-future.RefreshFuture] {
			p.verbs = append(p.verbs[:i], p.verbs[i+1:]...)
			return p.calls[c.id] != nil
		}
	}
	return false
}

// asksFor reports whether a refresh of the page's own on the future is open: it
// and the client's cannot be told apart.
func (p *page) asksFor(f *serverFuture) bool {
	for _, c := range p.calls {
		if c.kind == future.RefreshFuture && c.future.server == f {
			return true
		}
	}
	return false
}

// keeperOf finds whose future it is, the ended included.
func (p *page) keeperOf(f *serverFuture) *keeper {
	if k := p.w.contents[f.content].of; k != nil && k.p == p {
		return k
	}
	var last *keeper
	for _, k := range p.keeps {
		if k.current == f && (last == nil || last.over) {
			last = k
		}
	}
	return last
}

// afterInput judges what an input has posted, and what it has left.
func (p *page) afterInput(now session.Now) {
	fresh := p.fresh
	p.fresh = p.fresh[:0]
	for _, r := range fresh {
		p.judge(now, r)
	}
	if p.closed && p.deadAt == 0 {
		p.deadAt = p.w.now
	}
	p.checkProtect(now)
	if len(p.waiting) > 0 {
		return // a call that waits for its turn is not kept yet
	}
	live := false
	for _, list := range [2][]*keeper{p.holds, p.keeps} {
		for _, k := range list {
			live = live || !k.over && !(k.ended && !k.hold)
		}
	}
	if live && !p.steady {
		// A call that failed at once never was kept.
		for _, k := range p.keepers() {
			if !k.ended {
				p.w.broken(SteadyWhileKept, "%s lives without the steady clock", k)
				return
			}
		}
	} else if !live && p.steady {
		p.w.broken(SteadyWhileKept, "the steady clock runs for nothing")
	}
}

// judge checks one request that was posted.
func (p *page) judge(now session.Now, r *request) {
	w, k := p.w, r.keeper
	if (r.update() || r.http) && !p.secrets[r.id] {
		w.broken(OwnSecrets, "%s: the page was never given that", r)
		return
	}
	if r.schedules() && p.sentTold {
		w.broken(NeverEarly, "%s goes to a host that has sent a future at once", r)
	}
	if k == nil {
		return
	}
	if !r.byPage {
		p.checkStorm(now, k, r)
	}
	switch {
	case r.schedules():
		p.judgeSchedule(k, r)
	case r.event() && w.contents[r.content].leave:
		if !k.leaving() && !(k.said && k.status == future.Displaced && (k.uncertain() || k.landedBehind())) {
			w.broken(NeverEarly, "%s while %s is %s: nobody wanted it to leave", r, k, name(k.status))
		}
	case r.event():
		p.judgeState(now, k, r)
		k.newState(r)
	case r.verb == "restart":
		p.judgeRefresh(now, k, r)
	case r.verb == "send":
		if !r.byPage && !k.leaving() {
			w.broken(NeverEarly, "%s while %s is %s: nobody wanted it to leave", r, k, name(k.status))
		}
	case r.verb == "cancel":
		p.judgeCancel(now, k, r)
	}
}

func (p *page) judgeSchedule(k *keeper, r *request) {
	w := p.w
	if k.bareSince > 0 {
		k.bareSince, k.bareLate = r.mono, p.late
	}
	switch {
	case k.kicked:
		w.broken(DisplacedStaysAway, "%s, and the page had heard that another wrote the state of %s", r, k)
	case !w.contents[r.content].leave:
		w.broken(NeverEarly, "%s: the state itself as a future", r)
	case k.status == future.Displaced && k.said:
		w.broken(DisplacedStaysAway, "%s of displaced %s", r, k)
	case k.over || k.left:
		w.broken(StatusOrder, "%s after the end of %s", r, k)
	}
}

func (p *page) judgeState(now session.Now, k *keeper, r *request) {
	w := p.w
	k.writes = append(k.writes, now.Mono)
	k.statePost = now.Mono
	switch {
	case k.kicked:
		w.broken(DisplacedStaysAway, "%s, and the page had heard that another wrote the state of %s", r, k)
	case k.said && k.status == future.Displaced:
		w.broken(DisplacedStaysAway, "%s of displaced %s", r, k)
	case k.releaseAt > 0 && k.releaseAt < r.at || k.p.closing && !k.over:
		w.broken(ReleaseEndsInLeft, "%s after %s was released", r, k)
	case k.over:
		w.broken(StatusOrder, "%s after the end of %s", r, k)
	case k.spec.WithoutFuture:
	case k.current == nil:
		w.broken(LeaveFirst, "%s, and %s has no leave scheduled", r, k)
	case k.current.toldGone > 0:
		w.broken(LeaveFirst, "%s, but the page knows that %s is gone", r, k.current.id)
	default:
		p.judgeProtected(now, k, r)
	}
}

func (p *page) judgeRefresh(now session.Now, k *keeper, r *request) {
	w := p.w
	switch {
	case r.byPage || k.shared || p.asksFor(r.future):
		k.beat(now.Mono) // it may be the client's own: the page's may still wait for its turn
		return
	case k.said && k.status >= future.Failed:
		if k.status == future.Displaced {
			w.broken(DisplacedStaysAway, "%s of displaced %s", r, k)
			return
		}
		w.broken(StatusOrder, "%s of %s, which is %s", r, k, name(k.status))
		return
	case k.over:
		w.broken(StatusOrder, "%s after the end of %s", r, k)
		return
	case r.future != k.current && k.current != nil:
		w.broken(HeldProtected, "%s refreshes %s, but has %s", k, r.future.id, k.current.id)
		return
	}
	p.checkRhythm(now, k)
	if now.Mono < k.waitUntil-1 && !k.waited && !k.shared && k.hurried < k.waitFrom && p.jumped < k.waitFrom {
		near := k.sureMono + k.inForce - k.inForce/8
		if now.Mono < near-1 && now.Wall < k.sureWall+k.inForce-k.inForce/8-1 {
			w.broken(WaitsAsTold, "%s %.0f ms after a 429 that told to wait %.0f ms", r, now.Mono-k.waitFrom, k.waitUntil-k.waitFrom)
		}
	}
	k.beat(now.Mono)
	k.flights = append(k.flights, r)
}

// checkStorm bounds what is posted for one hold or keepAlive.
func (p *page) checkStorm(now session.Now, k *keeper, r *request) {
	window := now.Mono - k.inForce
	k.posts = within(append(k.posts, now.Mono), window)
	k.writes = within(k.writes, window)
	k.updates = within(k.updates, window)
	if k.shared {
		return
	}
	allowed := stormBase + k.inForce/1500 + 3*k.inForce/k.everyMs + 4*float64(len(k.updates)) + 4*float64(len(k.gones))
	if float64(len(k.posts)) > allowed {
		p.w.broken(NoRequestStorm, "%s posted %d requests within %.0f ms", k, len(k.posts), k.inForce)
	}
}

// within keeps the times after the one given.
func within(times []float64, after float64) []float64 {
	n := 0
	for n < len(times) && times[n] < after {
		n++
	}
	return times[n:]
}

// checkRearms bounds how often a lost leave is scheduled anew.
func (p *page) checkRearms(k *keeper, mono float64) {
	window := mono - k.inForce
	k.arms = within(k.arms, window)
	allowed := 1 + maxRearms + 1 + len(within(k.writes, window)) + 1
	if len(k.arms) > allowed {
		p.w.broken(NoRearmStorm, "%s was armed %d times within %.0f ms, with %d states of its own", k, len(k.arms), k.inForce, len(k.writes))
	}
}

// overlap is how many refreshes may be under way before the next has to wait.
const overlap = 3

// full reports whether the host takes no more at a time: then what is due waits.
func (p *page) full(now session.Now) bool {
	if p.w.set.Host != Rust && p.versions { // else the host is taken for one that takes few
		return false
	}
	n := 0
	for serial, r := range p.posts {
		switch {
		case now.Mono > r.mono+2*math.Max(p.w.set.DeadlineMs, hostLifeMs):
			delete(p.posts, serial)
		case r.answers == 0 && now.Mono < r.mono+hostLifeMs+p.late:
			n++
		}
	}
	return n >= few
}

// few is how many requests a Rust host is given at a time.
const few = 12

// hostLifeMs is how long such a host keeps a request that it has not answered,
// whether or not the page still waits.
const hostLifeMs = 10000

// underWay counts the refreshes that were under way at a monotonic time.
func (k *keeper) underWay(at float64) (n int) {
	for len(k.flights) > 0 && k.flights[0].mono+k.attemptMs() < at {
		k.flights = k.flights[1:]
	}
	for _, r := range k.flights {
		if r.mono < at && r.mono+k.everyMs > at && (r.answers == 0 || r.ended > at) {
			n++
		}
	}
	return n
}

// lastMoment is how many periods may pass without a refresh where the last one
// was not acknowledged and the moment is near at which the future may go out.
const lastMoment = 1.45

// checkRhythm: a refresh is posted each everyMs at least, but for wake-ups that
// came late and waits that a server asked for.
func (p *page) checkRhythm(now session.Now, k *keeper) {
	if k.bare || k.waitUntil > k.lastPost || !p.ready || k.lastPost == 0 || k.shared || k.expired(now) ||
		p.limited > 0 && k.lastPost < p.limited+2*k.everyMs {
		return // when it may be too late anyway, there is no hurry
	}
	late := p.late - k.lateThen + math.Max(0, now.Mono-p.wakeAt)
	limit := k.everyMs
	if k.ackMono < k.lastPost || k.ackAt > k.lastPost+k.everyMs { // it may wait for the last moment that keeps the future
		limit *= lastMoment
	}
	if gap := now.Mono - k.lastPost; gap > limit+late+1 && !(k.current != nil && k.current.rumoured) && k.underWay(k.lastPost+k.everyMs) < overlap && !p.full(now) {
		p.w.broken(RefreshRhythm, "%s was not refreshed for %.0f ms, it is to be each %.0f ms; wake-ups came %.0f ms late",
			k, gap, k.everyMs, late)
	}
}
