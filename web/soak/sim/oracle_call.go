package sim

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
	p.planLeft(k)
	for _, f := range k.made {
		if f.coming {
			return
		}
	}
	if e := k.standing(); e != nil && !k.superseded && (e.last().req.at >= k.releaseAt || e.last().req.answers > 0 && e.last().at < c.at) {
		p.w.broken(ReleaseEndsInLeft, "%s is released, and %s stands in the room", k, p.w.describe(e.last().content))
	}
}
