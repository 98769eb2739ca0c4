package sim

import "github.com/widget-futures/widget-futures/protocol/future"

// checkStarted: when a hold has started its state was in the room, with a leave
// behind it unless the page allowed to do without.
func (p *page) checkStarted(k *keeper) {
	switch {
	case k.wrote == 0:
		p.w.broken(HeldInRoom, "%s has started, and no state of it was ever in the room", k)
	case len(k.made) == 0 && !k.spec.WithoutFuture:
		p.w.broken(LeaveFirst, "%s has started without a leave", k)
	}
}

// checkUpdated: an update settles when its content, or a newer one, has been in
// the room.
func (p *page) checkUpdated(c *call) {
	if k := c.keeper; k.wroteVersion < c.version {
		p.w.broken(HeldInRoom, "update %d of %s is settled, the room has seen %d", c.version, k, k.wroteVersion)
	}
}

// checkReleased: a release that has succeeded leaves nothing of the hold.
func (p *page) checkReleased(c *call) {
	k := c.keeper
	k.left = true
	for _, f := range k.made {
		if f.coming {
			return
		}
	}
	if e := k.standing(); e != nil && !k.superseded && (e.last().req.at >= k.releaseAt || e.last().req.answers > 0 && e.last().at < c.at) {
		p.w.broken(ReleaseEndsInLeft, "%s is released, and %s stands in the room", k, p.w.describe(e.last().content))
	}
}

// checkHidden: on pagehide the leave of each hold goes out by every path there
// is: over HTTP where the homeserver is known, as a message in the dialects
// whose verbs are messages, as a plain event where there is no future.
func (p *page) checkHidden() {
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
		armed := k.current != nil && !k.current.rumoured
		switch {
		case armed && p.w.set.Homeserver && !beacon:
			p.w.broken(PageHideLeaves, "%s sends no beacon", k)
		case armed && !tokens && !message && !p.w.host.seat(p).refusing:
			p.w.broken(PageHideLeaves, "%s sends no message", k)
		case (k.current == nil || k.current.toldGone > 0) && !plain:
			p.w.broken(PageHideLeaves, "%s has no future, and writes no leave", k)
		}
	}
}
