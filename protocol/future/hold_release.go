package future

import (
	"math"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// maxSends is how often the leave is sent by its own future before it is
// written as a plain state event.
const maxSends = 2

// lingerMs is how long, after the leave, a state that was given up is waited for:
// it may land on top of it.
const lingerMs = 60000

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
	e := &h.end
	if call != 0 {
		if e.done {
			c.Add(session.Settle, call)
			return
		}
		e.calls = append(e.calls, call)
		if !h.started && !e.mute {
			e.mute = true
			c.Fail(h.call, released())
		}
	}
	if e.wanted {
		return
	}
	if ms == 0 {
		ms = c.cfg.Session.DeadlineMs
	}
	e.wanted, e.ms, e.due, e.at, e.patience = true, ms, now.Mono+ms, now.Mono, now.Mono+ms/2
	e.plain, e.since = h.present == nil, c.lastAttempt
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
	waits := false
	for i := 0; i < len(c.gate); i++ {
		if c.gate[i].owner == h.serial {
			c.gate = without(c.gate, i)
			waits = true
			i--
		}
	}
	if _, ok := c.Session.Withdraw(kindFuture, h.serial); (ok || waits) && h.asking != nil {
		h.place.drop(h.asking)
		h.asking = nil
	}
	if _, ok := c.Session.Withdraw(kindEvent, h.serial); ok {
		h.state.posted = false
		h.place.writes--
	}
}

// nextEnd is the next step of a release.
func (c *Client) nextEnd(now session.Now, h *hold, a *agenda) step {
	e := &h.end
	switch {
	case e.again && !e.flight:
		return writeLeave
	case e.done:
		if !h.lingers(now) {
			return finish
		}
	case e.flight, h.state.posted && !a.due(e.patience), h.place.writes == 0 && h.asking != nil, !a.due(e.at):
	case h.place.writes == 0: // nobody has joined
		return stayAway
	case e.plain || h.present == nil:
		return writeLeave
	default:
		return sendLeave
	}
	return rest
}

// writeLeave writes the leave as a state event of its own.
func (c *Client) writeLeave(now session.Now, h *hold) {
	c.lastAttempt++
	h.end.flight, h.end.number, h.end.again = true, c.lastAttempt, false
	c.postState(now, h, h.leave)
}

// leaveSent takes the end of the leave's own send. That the server has it sent
// says that it is in the room, not since when: a state of ours that was written
// after the leave was proved last may be on top of it (wire.md §9).
func (c *Client) leaveSent(now session.Now, h *hold, err *protocol.Error) {
	e := &h.end
	e.flight = false
	e.sends++
	switch {
	case err == nil && h.proof.given == h.proof.doubts && !h.underWay(now):
		h.spend(now, false)
		h.left(c, now)
	case err == nil || fateOf(err) == gone:
		h.spend(now, false)
		e.plain = true
	case fateOf(err) == transient && e.sends < maxSends:
		e.at = now.Mono + c.retry(h.keeper)
	default:
		e.plain = true
	}
}

// leaveWritten takes the end of the plain leave.
func (c *Client) leaveWritten(now session.Now, h *hold, err *protocol.Error) {
	e := &h.end
	e.flight = false
	fate := gone
	if err != nil {
		fate = fateOf(err)
	}
	switch {
	case err == nil:
		h.setAside() // else it goes out once more, perhaps on top of a later join
		h.left(c, now)
	case fate == transient || fate == doubtful:
		e.at = now.Mono + c.retry(h.keeper)
		e.plain = h.present == nil // by turns, while there is another way
	case fate == limited:
		e.at = now.Mono + retryMs(err)
	default:
		c.failEnd(h, err)
	}
}

// left: the leave is in the room.
func (h *hold) left(c *Client, now session.Now) {
	e := &h.end
	h.place.writes = 0
	if e.wanted, e.done = true, true; e.due == 0 { // the page sent it
		e.due = now.Mono + c.cfg.Session.DeadlineMs
	}
	if h.underWay(now) && !c.closes {
		e.due = max(e.due, now.Mono+lingerMs)
	}
	for _, call := range e.calls {
		c.Add(session.Settle, call)
	}
	e.calls = nil
	if !h.started && !e.mute {
		e.mute = true
		c.Fail(h.call, released())
	}
	if h.status != Displaced {
		h.status, h.err = Released, nil
	}
}

// lingers reports whether something may come yet that must be answered: a state
// that was given up, on top of the leave, or the receipt of another leave.
func (h *hold) lingers(now session.Now) bool {
	if h.underWay(now) || h.end.flight || h.end.again {
		return true
	}
	for _, l := range h.place.leaves {
		if l.state == awaited || l.state == scheduled || l.state == cancelling {
			return true
		}
	}
	return false
}

// endOverdue: the release has taken too long, or has waited long enough for
// states that were given up. Nothing refreshes the leave any more.
func (c *Client) endOverdue(now session.Now, h *hold) {
	if h.end.done {
		h.over = true
	} else {
		c.failEnd(h, overdue("the leave could not be sent in time: it goes out by its own timer", h.end.ms))
	}
}

// failEnd ends a release that did not succeed.
func (c *Client) failEnd(h *hold, err *protocol.Error) {
	for _, call := range h.end.calls {
		c.Fail(call, err)
	}
	h.end.calls = nil
	h.status, h.err, h.over = Failed, err, true
	h.end.due = math.Inf(1)
}
