package future

import (
	"math"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// maxRearms is how often, within a timeout, a lost leave is scheduled anew.
const maxRearms = 3

// scheduleLeave asks for a leave, through the gate of all futures.
func (c *Client) scheduleLeave(now session.Now, h *hold) {
	c.lastAttempt++
	h.asking = h.place.add(&leave{
		number: c.lastAttempt, owner: h.serial, state: awaited, doubts: h.proof.doubts, by: math.Inf(1),
	})
	p := pending{kind: SendFuture, owner: h.serial, attempt: c.lastAttempt, deadlineMs: h.stepMs}
	p.future = protocol.Future{Event: h.place.event, TimeoutMs: h.timeoutMs}
	p.future.Content = h.leave
	if !c.try(now, &p) {
		c.wait(now, &p)
	}
}

// leaveScheduled takes a receipt, of the attempt under way or of one that was
// given up.
func (c *Client) leaveScheduled(now session.Now, number int32, t *ticket, data []protocol.Field) {
	c.lastTicket++
	t.id = c.lastTicket
	p, l := c.leaveOf(number, data)
	if p == nil {
		c.postLast(now, t, protocol.Cancel)
		return
	}
	if l == nil || l.ticket != nil { // it was forgotten, or this is a second receipt
		l = p.add(&leave{state: unanswered})
	}
	h := p.holder
	mine := h != nil && l.owner == h.serial
	if l.state == awaited && mine {
		h.asking = nil
	}
	l.state, l.ticket = scheduled, t
	if mine && h.present == nil && !h.status.final() && !h.end.done {
		if t.room.Kind == protocol.Text {
			p.event.RoomID = t.room // it stays in the room of its first receipt
		}
		t.room = p.event.RoomID
		h.arm(c, l)
		return
	}
	// One that nobody would refresh. The server may have taken it only just now.
	l.by, l.again = now.Mono+t.timeoutMs+landingMs, batchMs
	if h == nil && p.writes == 0 { // else it takes our state out of the room
		c.cancel(now, p, l)
	}
}

// arm takes the leave for the one to refresh. Its receipt is as good as a refresh.
func (h *hold) arm(c *Client, l *leave) {
	h.present, h.ticket = l, l.ticket
	h.asked, h.misses, h.quick, h.urgent, h.refusedAt = h.asked[:0], 0, false, false, 0
	h.jumped, h.unprotected, h.shortenings = false, false, 0
	h.pace(h.refreshMs, 0, c.cfg.Session.DeadlineMs, 0)
	h.nextAt = c.firstAt(h.keeper)
	h.proof.asked, h.proof.given = l.doubts, l.doubts
	c.scratch = l.ticket.append(c.scratch[:0])
	c.AddFields(session.Armed, h.call, c.scratch)
}

// scheduleFailed takes the end of an attempt without a receipt.
func (c *Client) scheduleFailed(
	now session.Now, number int32, posted session.Now, err *protocol.Error, late bool,
) {
	p, l := c.leaveOf(number, nil)
	fate := fateOf(err)
	switch {
	case l == nil || l.ticket != nil:
		return
	case late || l.state != awaited:
		if fate != transient { // it was never scheduled
			p.drop(l)
		}
		return
	}
	h := p.holder
	h.asking, l.state = nil, unanswered
	if maybeDone(err, posted) {
		l.by, l.again = posted.Mono+h.timeoutMs+landingMs, max(h.stepMs, batchMs)
	} else {
		p.drop(l)
	}
	if h.end.wanted || h.status.final() {
		return
	}
	h.lastErr = kept(err)
	if h.started {
		h.err = err
	}
	final := fate == refused || fate == rejected || fate == doubtful && (!h.started && err.HTTPStatus != 401 || h.stays(now, &h.refusedAt))
	switch {
	case h.shorten(err):
		h.pace(h.refreshMs, 0, c.cfg.Session.DeadlineMs, 0)
		h.askAt = now.Mono
	case fate == limited && h.place.writes == 0:
		h.askAt = now.Mono + retryMs(err)
	case fate == limited: // whatever the server asks for, a state is not left without for long
		h.askAt = max(now.Mono, min(now.Mono+retryMs(err), posted.Mono+h.timeoutMs))
	case !final:
		h.askAt = now.Mono + c.retry(h.keeper)
	case h.without:
		c.doWithout(now, h, err)
	case h.started:
		c.failKeeper(now, h.keeper, err)
	default:
		c.failStart(now, h, err)
	}
}

// kept is the error without what is only valid now.
func kept(err *protocol.Error) *protocol.Error {
	e := *err
	e.Body, e.EventID, e.RoomID = protocol.Value{}, protocol.Value{}, protocol.Value{}
	return &e
}

// doWithout has the hold go on without a leave, as the page allowed. Where it has
// its hold it is told why.
func (c *Client) doWithout(now session.Now, h *hold, err *protocol.Error) {
	if h.present != nil && h.ticket.mayHaveFired(now) && h.place.writes > 0 {
		h.dirty, h.absent = true, true
	}
	h.setAside()
	h.unprotected, h.err, h.lastErr = true, err, nil
	if !h.started {
		h.startDue = now.Mono + h.deadlineMs
	}
}

// leaveGone takes the server's word that the leave was sent or cancelled; err is
// nil when the page itself did it.
func (c *Client) leaveGone(now session.Now, h *hold, err *protocol.Error) {
	if h.end.wanted {
		if !h.end.flight {
			h.spend(now, true)
			h.end.plain = true
		}
		return
	}
	// After a jump neither clock tells how long it was.
	fired := h.ticket.mayHaveFired(now) || h.overwritten || h.jumped
	// What the server was told to do before it fell silent may be what it did
	// meanwhile to ten thousand others: those do not come back all at once.
	outage := fired && h.misses > 1 && !h.jumped
	h.spend(now, fired)
	h.err = err
	if fired && h.place.writes > 0 {
		h.dirty, h.absent = true, true
	}
	if !fired && !h.proof.wrote && err != nil {
		h.place.supposeNothing() // another's state may have cancelled it, and is not fought
	}
	if h.proof.wrote {
		h.proof.wrote = false // the server cancels on our own new state
	} else if !h.mayRearm(now) {
		c.failKeeper(now, h.keeper, err)
		return
	}
	h.askAt = now.Mono
	if outage {
		h.askAt += c.spread(h.timeoutMs, 0, 1)
	}
}

// spend takes the present leave for gone. One that may have fired may be on its
// way into the room.
func (h *hold) spend(now session.Now, fired bool) {
	l := h.present
	h.setAside()
	if l.state = cancelled; fired {
		l.state, l.by, l.again = maybeFired, now.Mono+landingMs, 0
	}
}

// revive takes the acknowledged refresh of a leave that was called gone.
func (h *hold) revive(ticket int32) {
	for _, l := range h.place.leaves {
		if (l.state == cancelled || l.state == maybeFired) && l.ticket.id == ticket {
			l.state, l.by = scheduled, max(l.by, l.ticket.expires.Mono+landingMs)
		}
	}
}

// setAside lets the present leave be cancelled.
func (h *hold) setAside() {
	if l := h.present; l != nil {
		// A refresh that was not answered may have restarted its timer.
		l.by, l.again = max(l.ticket.expires.Mono, h.lastAt+h.timeoutMs)+landingMs, batchMs
		h.forget()
	}
}

func (h *hold) forget() {
	h.present, h.ticket = nil, nil
	h.asked, h.misses, h.urgent, h.overwritten = h.asked[:0], 0, false, false
}

// loseSight gives the attempt under way up: its answer may come yet.
func (h *hold) loseSight(now session.Now) {
	if l := h.asking; l != nil {
		l.state, l.by, l.again = unanswered, now.Mono+h.timeoutMs+landingMs, max(h.stepMs, batchMs)
		h.asking = nil
	}
}

// fired: a leave that was lost sight of is in the room by now, if it ever was
// scheduled.
func (h *hold) fired(l *leave) {
	told := h.place.room.echoed && (l.state == maybeFired || l.state == supposed) // of it, if it was
	if l.state != cancelled && !told {
		h.dirty = h.dirty || h.place.writes > 0 && !h.end.wanted
		h.absent = h.absent || h.dirty && h.unprotected && l.ticket != nil // it was surely there
	}
	if l.by += l.again; l.again == 0 {
		h.place.drop(l)
	}
	l.again = 0
}

// mayRearm counts the leaves that were lost within a timeout.
func (h *hold) mayRearm(now session.Now) bool {
	recent := h.rearms[:0]
	for _, at := range h.rearms {
		if now.Mono-at < h.timeoutMs {
			recent = append(recent, at)
		}
	}
	h.rearms = append(recent, now.Mono)
	return len(recent) < maxRearms
}
