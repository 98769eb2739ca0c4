package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// writeState posts the state with its latest content.
func (c *Client) writeState(now session.Now, h *hold) {
	if h.place.writes == 0 {
		// A page before this one may have left a leave behind. It has been
		// refreshed before this page began, and for no longer than ours, as a rule.
		h.place.add(&leave{state: supposed, by: now.Mono + h.timeoutMs + landingMs})
	}
	c.lastAttempt++
	h.state.number, h.state.posted = c.lastAttempt, true
	h.state.version, h.state.content = h.version, h.content
	h.dirty, h.proof.wrote = false, true
	h.place.writes++
	h.place.room.posted()
	c.postState(now, h, h.content)
}

// postState posts the state or, as its content, the leave.
func (c *Client) postState(now session.Now, h *hold, content protocol.Value) {
	p := pending{kind: SendEvent, owner: h.serial, attempt: c.lastAttempt, deadlineMs: h.stepMs}
	p.future.Event = h.place.event
	p.future.Content = content
	if !c.try(now, &p) {
		c.wait(now, &p)
	}
}

// stateEnded takes the end of a state, or of a plain leave.
func (c *Client) stateEnded(
	now session.Now, k *keeper, number int32, posted session.Now, eventID string, err *protocol.Error, late bool,
) {
	if k == nil || k.over {
		return
	}
	h := k.hold
	if e := &h.end; e.wanted && number > e.since {
		if number == e.number && e.flight || err == nil && !e.done {
			c.leaveWritten(now, h, err)
		}
		return
	}
	if late {
		h.unanswered--
	}
	current := number == h.state.number
	switch {
	case late && err != nil:
		return
	case !current || late && h.end.wanted:
		h.place.room.mine(eventID)
		h.landed()
		return
	}
	h.state.posted = false
	if err != nil {
		c.stateFailed(now, h, posted, err)
		return
	}
	h.state.taken, h.state.refusedAt = true, 0
	h.proof.doubts++ // it may have cost the leave (wire.md §2.5)
	h.place.room.answered(now, eventID)
	if h.end.wanted {
		if h.end.done || h.end.flight {
			h.landed() // behind the leave
		}
		return
	}
	h.absent, h.good = false, h.state.content
	if late && h.state.version == h.version {
		h.dirty = false
	}
	if h.place.room.buried(eventID) {
		h.dirty, h.absent = true, true
	}
	for i := 0; i < len(h.changes); i++ {
		if h.changes[i].version <= h.state.version {
			c.settleChange(h, i, nil)
			i--
		}
	}
}

// underWay reports whether a state of ours may land yet.
func (h *hold) underWay(now session.Now) bool {
	return h.state.posted || h.unanswered > 0 && now.Mono < h.landsBefore
}

// landed: the room may hold a state of ours that is not the one wanted.
func (h *hold) landed() {
	if !h.end.wanted {
		h.dirty = true
		return
	}
	_, proved, ok := h.place.room.newest()
	h.end.again = !(ok && proved && h.status == Displaced)
}

// stateFailed: what may have been written is written again; what is refused is
// not.
func (c *Client) stateFailed(now session.Now, h *hold, posted session.Now, err *protocol.Error) {
	h.lastErr = kept(err)
	if h.absent {
		h.err = err
	}
	fate := fateOf(err)
	if maybeDone(err, posted) {
		h.unanswered++
		h.landsBefore = now.Mono + lingerMs
		h.proof.doubts++
	} else {
		h.place.writes--
	}
	switch {
	case fate == transient, fate == doubtful && !h.stays(now, &h.state.refusedAt):
		h.dirty, h.state.at = true, now.Mono+c.retry(h.keeper)
		return
	case fate == limited:
		h.dirty, h.state.at = true, now.Mono+min(retryMs(err), max(h.timeoutMs, defaultRetryMs))
		return
	}
	switch {
	case h.end.wanted:
	case !h.started:
		c.failStart(now, h, err)
	case h.absent:
		c.endFailed(now, h.keeper, err)
	}
	if h.started && !h.dirty { // else a newer content is on its way
		h.content = h.good // what is refused must not be sent again when the state is lost
		for len(h.changes) > 0 {
			c.settleChange(h, 0, err)
		}
	}
}

// overwritten: the state was overwritten in our own name: by the present leave, or
// by an earlier one, of this page or of one before it.
func (c *Client) overwritten(now session.Now, h *hold) {
	h.place.room.settle()
	if h.dirty, h.state.at = true, now.Mono; h.absent {
		return // which is known
	}
	h.absent = true
	if h.present == nil {
		if h.unprotected && !h.mayRearm(now) {
			c.displaced(now, h)
		}
		return
	}
	h.overwritten = true
	if h.misses > 0 && h.proof.asked == h.proof.doubts {
		h.proof.asked++ // the server was down, and tells all pages now: the next refresh is planned
	}
	h.proof.doubts++
}

// proved takes an acknowledged refresh, which was posted when there had been so
// many doubts.
func (c *Client) proved(now session.Now, h *hold, doubts int32) {
	h.proof.given = max(h.proof.given, doubts)
	if h.proof.given < h.proof.doubts || h.state.posted {
		return
	}
	h.proof.wrote = false
	if h.overwritten {
		h.overwritten = false
		if !h.mayRearm(now) { // two pages that hold the same state must not go on like this
			c.displaced(now, h)
		}
	}
}

// displaced: somebody else has written the state. Nobody is fought; our leave
// must not go out on top of theirs.
func (c *Client) displaced(now session.Now, h *hold) {
	h.setAside()
	h.place.writes = 0
	c.endHold(h, Displaced)
	h.end.due = now.Mono + c.cfg.Session.DeadlineMs
}

// endHold ends a hold whose state is somebody else's now.
func (c *Client) endHold(h *hold, status KeepStatus) {
	err := protocol.NewError(protocol.CodeSpent, "the hold has ended: "+KeepStatuses()[status])
	for len(h.changes) > 0 {
		c.settleChange(h, 0, err)
	}
	if !h.started && !h.end.mute {
		c.Fail(h.call, err)
	}
	c.takeBack(h)
	h.status, h.err = status, nil
	h.end.wanted, h.end.done, h.end.since = true, true, c.lastAttempt
}
