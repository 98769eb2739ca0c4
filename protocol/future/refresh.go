package future

import (
	"math"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

const (
	// maxOverlap bounds the refreshes of one future under way.
	maxOverlap = 3
	// quickMs is how long silence is taken for loss, which quick attempts help
	// against; a server that is down longer must not meet them when it is back.
	quickMs = 10000
	// lastMs before the future may go out is the last moment to refresh it.
	lastMs = 1500
	// perTimeout: so many refreshes fit into a timeout that two may fail in a
	// row before the timer could run out.
	perTimeout = 4
)

// pace sets how often and how long: what is 0 takes its default.
func (k *keeper) pace(everyMs, attemptMs, deadlineMs float64, overlap int) {
	k.everyMs, k.attemptMs, k.overlap = everyMs, attemptMs, overlap
	if overlap == 0 {
		k.overlap = maxOverlap
	}
	if everyMs == 0 || everyMs >= k.timeoutMs {
		k.everyMs = k.timeoutMs / perTimeout
	}
	if attemptMs == 0 {
		k.attemptMs = deadlineMs
		if k.ticket == nil || !k.ticket.dialect.Tokens() {
			// Places in flight are few on Rust hosts, and a late answer counts all the same.
			k.attemptMs = min(deadlineMs, k.everyMs)
		}
	}
	if h := k.hold; h != nil {
		h.stepMs = min(deadlineMs, 0.9*k.everyMs*maxOverlap, 0.6*k.timeoutMs)
	}
}

// firstAt is when a future is to be refreshed for the first time.
func (c *Client) firstAt(k *keeper) float64 {
	return k.ticket.expires.Mono - k.timeoutMs + c.period(k)
}

// spread multiplies the time by a number from least on that jitter adds up to
// more to. Go may fuse a product with a sum, which rounds once and not twice,
// where the machine can, wasm cannot: a conversion forbids it, so that a
// conversation is the same everywhere.
func (c *Client) spread(ms, least, more float64) float64 {
	return float64(ms * (least + float64(more*c.jitter())))
}

// period is the jittered time to the next refresh.
func (c *Client) period(k *keeper) float64 { return c.spread(k.everyMs, 0.9, 0.1) }

// retry is the jittered time to another attempt of anything but a refresh.
func (c *Client) retry(k *keeper) float64 {
	return c.spread(min(k.everyMs, k.timeoutMs/2), 0.5, 0.1)
}

// another is the jittered time to another refresh after a failure. Its spread
// counts as much as its length: a server that comes back meets all pages at
// once, and less than twice of what it is used to (web/docs/scale.md).
func (c *Client) another(k *keeper) float64 { return c.spread(k.everyMs, 0.4, 0.6) }

// plan sets when the next refresh is due if this one is not answered. Loss calls
// for quick ones, a server that is down for patience, and a future that may have
// gone out for no hurry at all. Answers count from here too: what comes to ten
// thousand pages at one moment must not make them ask again at one moment.
func (c *Client) plan(now session.Now, k *keeper) {
	k.lastAt, k.quick = now.Mono, false
	silence := now.Mono - (k.ticket.expires.Mono - k.timeoutMs)
	switch {
	case k.ticket.mayHaveFired(now):
		k.nextAt = now.Mono + c.period(k)
		return
	case k.everyMs <= quickMs && silence < k.everyMs+quickMs:
		k.quick = true
		k.nextAt = now.Mono + c.period(k)/3
		return
	}
	k.nextAt = now.Mono + c.another(k)
	// Who is down until just before that moment must find the page asking then:
	// an attempt shortly before, or after, waits for it or comes with it.
	last := k.ticket.expires.Mono - min(lastMs, k.timeoutMs/8)
	if last > now.Mono+k.everyMs/20 && k.nextAt > last-float64(0.45*k.everyMs) {
		k.nextAt = last
	}
}

// replan counts the next refresh anew from the last one, unless that is past.
func (k *keeper) replan(now session.Now, wait float64) {
	if at := k.lastAt + wait; at > now.Mono {
		k.nextAt = at
	}
}

// refreshAt is when the next refresh can go: when it is due, when the overlap
// allows it, and when the server does. A limit is the user's, not the future's:
// while it holds, those whose time runs out first go first, one at a time.
func (c *Client) refreshAt(now session.Now, k *keeper) float64 {
	if !c.reaches(k.ticket) {
		return math.Inf(1)
	}
	at := max(k.nextAt, k.freeAt())
	last := k.lastChance()
	if c.limitedAt == 0 || now.Mono > c.limitedAt+k.everyMs || last <= now.Mono {
		return at
	}
	at = max(at, c.limitedAt)
	for _, o := range c.keepers {
		if o == k || o.ticket == nil || o.status.final() {
			continue
		}
		if len(o.asked) > 0 || o.nextAt <= now.Mono && o.ticket.expires.Mono < k.ticket.expires.Mono {
			at = math.Inf(1) // its answer comes first
		}
	}
	return min(at, max(last, k.nextAt))
}

// reaches reports whether a verb on the future would go out at once.
func (c *Client) reaches(t *ticket) bool { return t.dialect.Tokens() || c.Room() }

// lastChance is when waiting any longer would lose the future by itself.
func (k *keeper) lastChance() float64 { return k.ticket.expires.Mono - k.timeoutMs/8 }

// freeAt is when the overlap allows one more refresh.
func (k *keeper) freeAt() float64 {
	limit := k.overlap
	if k.urgent {
		limit++
	}
	if len(k.asked) < limit {
		return 0
	}
	return k.asked[len(k.asked)-limit] + k.everyMs
}

// driveKeepAlive refreshes the future if it is time.
func (c *Client) driveKeepAlive(now session.Now, k *keeper) {
	k.expireRefreshes(now)
	if !k.over && !k.status.final() && now.Mono >= c.refreshAt(now, k) {
		c.refresh(now, k)
	}
}

// expireRefreshes counts those that had their turn; an answer may come yet.
func (k *keeper) expireRefreshes(now session.Now) {
	for len(k.asked) > 0 && now.Mono >= k.asked[0]+k.everyMs {
		k.answered(k.asked[0])
		k.misses++
	}
}

// refresh asks the server to count the future's time anew.
func (c *Client) refresh(now session.Now, k *keeper) {
	k.urgent = false
	k.asked = append(k.asked, now.Mono)
	c.plan(now, k)
	c.postVerb(now, k, k.ticket, protocol.Refresh)
}

// answered reports whether the refresh posted then was waited for.
func (k *keeper) answered(posted float64) bool {
	for i, at := range k.asked {
		if at == posted {
			copy(k.asked[i:], k.asked[i+1:])
			k.asked = k.asked[:len(k.asked)-1]
			return true
		}
	}
	return false
}

// postVerb does a verb on a future of the keeper's.
func (c *Client) postVerb(now session.Now, k *keeper, t *ticket, v protocol.Verb) {
	way, err := c.way(v, t)
	if k.hold != nil {
		way.doubts = k.hold.proof.doubts
	}
	if err != nil {
		c.verbEnded(now, 0, k.serial, way, now, err)
		return
	}
	p := pending{kind: RefreshFuture + CallKind(v), owner: k.serial, verb: way, deadlineMs: k.attemptMs}
	if !c.try(now, &p) {
		c.wait(now, &p)
	}
}

// keptVerb takes the end of a keeper's own verb.
func (c *Client) keptVerb(now session.Now, k *keeper, v verb, posted session.Now, err *protocol.Error) {
	switch {
	case k.ticket == nil || v.ticket != k.ticket.id: // of a future that is forgotten
		if k.hold != nil && v.verb == protocol.Refresh && err == nil {
			k.hold.revive(v.ticket)
		}
		return
	case v.verb == protocol.Send:
		c.leaveSent(now, k.hold, err)
		return
	}
	waited := k.answered(posted.Mono)
	if k.status.final() {
		return
	}
	if err == nil {
		k.refreshed(posted)
		k.replan(now, c.period(k))
		if k.hold != nil {
			c.proved(now, k.hold, v.doubts)
		}
		return
	}
	switch fate := fateOf(err); {
	case fate == gone && posted.Mono < k.ticket.expires.Mono-k.timeoutMs:
		k.nextAt, k.urgent = now.Mono, true // a later one was acknowledged: let another tell
	case fate == gone:
		c.gone(now, k, err)
	case k.hold != nil && k.hold.end.wanted: // nothing is refreshed any more
	case fate == refused || fate == doubtful && k.stays(now, &k.refusedAt):
		c.failKeeper(now, k, err)
	case fate == doubtful && err.HTTPStatus != 401 && k.hold != nil && k.hold.without && now.Mono >= k.lastChance():
		c.doWithout(now, k.hold, err) // before it goes out
	case fate == limited:
		k.miss(waited)
		c.limitedAt = now.Mono + retryMs(err)
		k.nextAt = min(c.limitedAt, max(k.lastChance(), now.Mono+c.retry(k)))
	default:
		k.miss(waited)
		if k.quick && err.Code != protocol.CodeTimeout { // it was no loss
			k.quick = false
			k.replan(now, c.another(k))
		}
	}
}

// miss counts a refresh that failed, once.
func (k *keeper) miss(waited bool) {
	if waited {
		k.misses++
	}
}

// refreshed takes an acknowledged refresh. Answers may overtake each other; the
// later timer is the one that runs.
func (k *keeper) refreshed(posted session.Now) {
	k.misses, k.jumped, k.refusedAt = 0, false, 0
	for len(k.asked) > 0 && k.asked[0] <= posted.Mono {
		k.answered(k.asked[0]) // what was overtaken is nothing missed
	}
	if k.ticket != nil && posted.Mono+k.timeoutMs >= k.ticket.expires.Mono {
		k.ticket.postedAt(posted)
	}
}

// gone takes the server's word that the future was sent or cancelled.
func (c *Client) gone(now session.Now, k *keeper, err *protocol.Error) {
	switch {
	case k.endingCall != 0: // the page's own verb may have done it: its end tells
		k.nextAt = now.Mono + c.period(k)
	case k.hold != nil:
		c.leaveGone(now, k.hold, err)
	default:
		k.finish(Lost, err)
	}
}

// pageVerb takes the end of the page's own verb on a kept future.
func (c *Client) pageVerb(now session.Now, k *keeper, v verb, posted session.Now, err *protocol.Error) {
	switch {
	case v.verb == protocol.Refresh:
		if err == nil {
			k.refreshed(posted)
		}
	case k.endingCall == 0 || k.ticket == nil: // of a future that is forgotten
	case err != nil:
		k.endingCall = 0
		if fateOf(err) == gone {
			k.nextAt, k.urgent = now.Mono, true // let a refresh tell
		}
	case k.hold == nil:
		k.finish(Stopped, nil)
	case v.verb == protocol.Send:
		k.hold.left(c, now)
	default:
		k.endingCall = 0
		c.leaveGone(now, k.hold, nil)
	}
}

// stays reports whether a refusal has stayed for a whole timeout that a renewed
// login, or another of the homeserver's workers, would not give.
func (k *keeper) stays(now session.Now, since *float64) bool {
	if *since == 0 {
		*since = now.Mono
	}
	return now.Mono-*since >= k.timeoutMs
}
