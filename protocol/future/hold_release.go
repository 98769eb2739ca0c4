package future

import (
	"math"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// maxSends is how often the leave is sent by its own future before it is
// written as a plain state event.
const maxSends = 2

// release is the end of a hold. It always ends in "left": by the leave itself,
// by a plain event, or, when nothing gets through, by the leave's own timer.
type release struct {
	wanted bool
	calls  []int32 // of the page
	due    float64
	ms     float64
	// patience is until when a state under way is waited for: the leave must
	// come after it, but must come.
	patience float64
	at       float64 // when the next attempt may go
	flight   bool
	since    int32 // number before the first plain leave
	number   int32 // of the plain leave under way
	sends    int
	plain    bool // by a plain event
	done     bool // the leave is in the room
	again    bool // and was overwritten by a state that had been given up
	mute     bool // the hold never started: nobody is to be told
}

// releaseHold begins, or joins, the end of a hold. Call 0 is nobody's.
func (c *Client) releaseHold(now session.Now, h *hold, call int32, ms float64) {
	l := &h.leaving
	if call != 0 {
		if l.done {
			c.Add(session.Settle, call)
			return
		}
		l.calls = append(l.calls, call)
		if !h.started && !l.mute {
			l.mute = true
			c.Fail(h.call, released())
		}
	}
	if l.wanted {
		return
	}
	if ms == 0 {
		ms = c.cfg.Session.DeadlineMs
	}
	l.wanted, l.ms, l.due, l.at, l.patience = true, ms, now.Mono+ms, now.Mono, now.Mono+ms/2
	l.plain, l.since = h.ticket == nil, c.lastAttempt
	c.takeBack(h)
	for len(h.changes) > 0 {
		c.settleChange(h, 0, released())
	}
}

func released() *protocol.Error {
	return protocol.NewError(protocol.CodeSpent, "the hold was released")
}

// takeBack forgets what a hold has asked for and was not posted yet.
func (c *Client) takeBack(h *hold) {
	for i := 0; i < len(c.gate); i++ {
		if c.gate[i].owner == h.serial {
			c.gate = without(c.gate, i)
			h.schedule.posted = false
			i--
		}
	}
	if _, ok := c.Session.Withdraw(kindFuture, h.serial); ok {
		h.schedule.posted = false
	}
	if _, ok := c.Session.Withdraw(kindEvent, h.serial); ok {
		h.state.posted = false
		h.writes--
	}
}

// failStart ends a hold that could not start; err is nil when the page gave it
// up. What may be in the room or at the server is taken back.
func (c *Client) failStart(now session.Now, h *hold, err *protocol.Error) {
	if err != nil {
		c.Fail(h.call, err)
	}
	c.releaseHold(now, h, 0, 0)
	h.leaving.mute = true
}

// driveLeave does the next step of a release.
func (c *Client) driveLeave(now session.Now, h *hold) bool {
	l := &h.leaving
	switch {
	case l.done && c.driveStrays(now, h):
	case l.again && !l.flight:
		l.again, l.plain = false, true
		return c.leavePlain(now, h)
	case l.done:
		h.over = !h.lingers()
		return false
	case l.flight || h.state.posted && now.Mono < l.patience || h.writes == 0 && h.schedule.posted || now.Mono < l.at:
		return false
	case h.writes == 0: // nobody has joined
		h.setAside()
		h.left(c, now)
	case l.plain:
		return c.leavePlain(now, h)
	default:
		l.flight = true
		c.postVerb(now, h.keeper, h.ticket, protocol.Send)
	}
	return true
}

// leavePlain writes the leave as a state event of its own.
func (c *Client) leavePlain(now session.Now, h *hold) bool {
	c.lastAttempt++
	h.leaving.flight, h.leaving.number = true, c.lastAttempt
	c.postState(now, h, h.leave)
	return true
}

// leaveSent takes the end of the leave's own send.
func (c *Client) leaveSent(now session.Now, h *hold, err *protocol.Error) {
	l := &h.leaving
	l.flight = false
	l.sends++
	switch {
	case err == nil:
		h.ticket = nil
		h.left(c, now)
		return
	case fateOf(err) == gone:
		h.ticket = nil
		l.plain = true // sent or cancelled: only a plain leave is certain
	case fateOf(err) == transient && l.sends < maxSends:
		l.at = now.Mono + c.retry(h.keeper)
	default:
		l.plain = true
	}
}

// plainLeaveEnded takes the end of the plain leave.
func (c *Client) plainLeaveEnded(now session.Now, h *hold, err *protocol.Error) {
	l := &h.leaving
	l.flight = false
	switch {
	case err == nil:
		h.setAside() // else it goes out once more, perhaps on top of a later join
		h.left(c, now)
	case fateOf(err) == transient:
		l.at = now.Mono + c.retry(h.keeper)
		l.plain = h.ticket == nil // by turns, while there is another way
	case fateOf(err) == limited:
		l.at = now.Mono + retryMs(err)
	default:
		c.endLeave(h, Failed, err)
	}
}

// left: the leave is in the room.
func (h *hold) left(c *Client, now session.Now) {
	h.leaving.wanted, h.leaving.done = true, true
	if h.leaving.due == 0 { // the page sent it
		h.leaving.due = now.Mono + c.cfg.Session.DeadlineMs
	}
	for _, call := range h.leaving.calls {
		c.Add(session.Settle, call)
	}
	h.leaving.calls = nil
	if !h.started && !h.leaving.mute {
		h.leaving.mute = true
		c.Fail(h.call, released())
	}
	h.status, h.err = Released, nil
}

// lingers reports whether something may come yet that must be answered: a state
// that was given up, on top of the leave, or the receipt of another leave.
func (h *hold) lingers() bool {
	wait := h.unanswered > 0 || h.state.posted || h.schedule.posted || h.leaving.flight || h.leaving.again
	for _, s := range h.strays {
		wait = wait || s.ticket != nil
	}
	return wait
}

// setAside lets the present leave be cancelled.
func (h *hold) setAside() {
	if h.ticket != nil {
		// A refresh that was not answered may have restarted its timer.
		h.addStray(0, h.ticket, max(h.ticket.expires.Mono, h.lastAt+h.timeoutMs))
		h.ticket = nil
	}
}

// leaveOverdue: the release has taken too long, or has waited long enough for
// states that were given up. Nothing refreshes the leave any more.
func (c *Client) leaveOverdue(now session.Now, h *hold) {
	if h.leaving.done {
		h.over = true
	} else {
		c.endLeave(h, Failed, overdue("the leave could not be sent in time: it goes out by its own timer", h.leaving.ms))
	}
}

// endLeave ends a release that did not succeed.
func (c *Client) endLeave(h *hold, status KeepStatus, err *protocol.Error) {
	for _, call := range h.leaving.calls {
		c.Fail(call, err)
	}
	h.leaving.calls = nil
	h.status, h.err, h.over = status, err, true
	h.leaving.due = math.Inf(1)
}

// replace lets a new hold of the same state take an old one's place.
func (c *Client) replace(now session.Now, old, h *hold) {
	if old.leaving.wanted && !old.leaving.done {
		for _, call := range old.leaving.calls {
			c.Add(session.Settle, call) // the new hold takes over what is in the room
		}
		old.leaving.calls = nil
	}
	old.setAside()
	if !old.status.final() {
		c.endHold(old, Displaced)
	}
	old.over = true
	c.bury(now, old)
	h.strays = append(h.strays, c.takeGhosts(now, &h.event)...)
}
