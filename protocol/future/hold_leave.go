package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// maxRearms is how often, within a timeout, a lost leave is scheduled anew.
const maxRearms = 3

// scheduleLeave asks for the leave, through the gate of all futures.
func (c *Client) scheduleLeave(now session.Now, h *hold) {
	c.lastAttempt++
	h.schedule.number, h.schedule.posted = c.lastAttempt, true
	p := pending{
		kind: SendFuture, owner: h.serial, attempt: c.lastAttempt, future: h.future(), deadlineMs: h.stepMs,
	}
	if !c.try(now, &p) {
		c.wait(now, &p)
	}
}

// leaveScheduled takes a receipt, of the attempt under way or of one that was
// given up.
func (c *Client) leaveScheduled(now session.Now, k *keeper, number int32, t *ticket) {
	c.lastTicket++
	t.id = c.lastTicket
	if k == nil || k.over {
		c.dropOrphan(now, number, t)
		return
	}
	h := k.hold
	if number == h.schedule.number {
		h.schedule.posted = false
	}
	h.dropStray(number)
	if h.ticket != nil || h.status.final() || h.leaving.wanted {
		// A second leave of our own, which nobody would refresh. The server may
		// have taken it only just now.
		h.addStray(number, t, now.Mono+t.timeoutMs)
		if h.leaving.wanted {
			c.cancelStrays(now, h)
		}
		return
	}
	if t.room.Kind == protocol.Text {
		h.event.RoomID = t.room // it stays in the room of its first receipt
	}
	t.room = h.event.RoomID
	h.arm(c, t)
	c.scratch = t.append(c.scratch[:0])
	c.AddFields(session.Armed, h.call, c.scratch)
}

// arm takes the new future for the hold's leave.
func (h *hold) arm(c *Client, t *ticket) {
	h.ticket, h.proven = t, true
	h.asked, h.misses, h.quick, h.urgent, h.unprotected = h.asked[:0], 0, false, false, false
	h.pace(h.refreshMs, 0, c.cfg.Session.DeadlineMs, 0)
	h.nextAt = c.firstAt(h.keeper)
	if h.acks > 0 { // what is in the room is protected by this one only once a refresh says so
		h.verified, h.verifying = min(h.verified, h.acks-1), h.acks-1
	}
}

// scheduleFailed takes the end of an attempt without a receipt.
func (c *Client) scheduleFailed(
	now session.Now, k *keeper, number int32, posted session.Now, err *protocol.Error, late bool,
) {
	if k == nil || k.over {
		return
	}
	h := k.hold
	fate := fateOf(err)
	if late || number != h.schedule.number {
		if fate != transient { // it was never scheduled
			h.dropStray(number)
		}
		return
	}
	h.schedule.posted = false
	if maybeDone(err, posted) {
		h.addStray(number, nil, posted.Mono+h.timeoutMs)
	}
	if h.leaving.wanted || h.status.final() {
		return
	}
	h.lastErr = kept(err)
	switch {
	case h.shorten(err):
		h.schedule.at = now.Mono
	case fate == transient:
		h.schedule.at = now.Mono + c.retry(k)
	case fate == limited:
		h.schedule.at = now.Mono + retryMs(err)
	case h.without:
		h.err = err // a page that has its hold is told why it is without from now on
		h.unprotected, h.lastErr, h.startDue = true, nil, now.Mono+h.deadlineMs
	case h.started:
		c.failKeeper(now, k, err)
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

// leaveGone takes the server's word that the leave was sent or cancelled; err is
// nil when the page itself did it.
func (c *Client) leaveGone(now session.Now, h *hold, err *protocol.Error) {
	if h.leaving.wanted {
		if !h.leaving.flight {
			h.ticket, h.leaving.plain = nil, true
		}
		return
	}
	// After a jump neither clock tells how long it was.
	fired := h.ticket.mayHaveFired(now) || h.watch.doubtedAt != 0 || h.jumped
	// What the server was told to do before it fell silent may be what it did
	// meanwhile to ten thousand others: those do not come back all at once.
	outage := fired && h.misses > 1 && !h.jumped
	h.ticket, h.asked, h.misses, h.urgent = nil, h.asked[:0], 0, false
	h.watch.doubtedAt = 0
	h.err = err
	if fired && h.writes > 0 {
		h.dirty, h.absent = true, true
	}
	if h.writes > h.excused {
		h.excused = h.writes // the server cancels on our own new state
	} else if !h.mayRearm(now) {
		c.failKeeper(now, h.keeper, err)
		return
	}
	h.schedule.at = now.Mono
	if outage {
		h.schedule.at += h.timeoutMs * c.jitter()
	}
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
