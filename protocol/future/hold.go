package future

import (
	"math"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// hold keeps a state event in the room as long as the page lives, and its leave
// scheduled at the homeserver (design §5.4). It is driven by what is missing,
// not by a script: no leave → schedule one; the state not as it should be →
// send it; not verified since → refresh at once. So whatever is lost, late or
// twice, the next look at it finds the way on.
type hold struct {
	*keeper
	event protocol.Event // the state: its content is the latest wanted
	leave protocol.Value // the content of the leave

	refreshMs  float64 // 0: a part of the timeout
	deadlineMs float64 // of the start, and of a release
	stepMs     float64 // of one request of the start, which then goes out again
	onPageHide bool
	without    bool // join also where no leave can be scheduled

	startDue    float64 // 0: not begun
	started     bool    // the page has its hold
	unprotected bool    // there is no leave, and the page wanted it so
	hidden      bool    // the page is going, or in the back/forward cache

	schedule    attempt
	proven      bool      // the server has taken timeoutMs
	shortenings int       // of it
	rearms      []float64 // when a leave was lost, of the last timeoutMs
	strays      []*stray
	lastErr     *protocol.Error

	state        attempt
	dirty        bool           // the room has not what it should
	absent       bool           // the leave may be in the room
	version      int32          // of the content
	sent         int32          // version under way or acknowledged last
	sending      protocol.Value // its content
	good         protocol.Value // the content that was acknowledged last
	writes       int32          // states posted
	excused      int32          // writes that may each have cost the leave, and did or did not
	acks         int32          // states acknowledged
	verified     int32          // acks covered by an acknowledged refresh
	verifying    int32          // acks covered by a refresh posted
	unanswered   int            // states given up without an answer
	deduplicated int            // states in a row that the server took for the one before
	changes      []*change

	watch   watch
	leaving release
}

// attempt is a request of which one is under way at a time.
type attempt struct {
	number int32
	posted bool    // under way
	at     float64 // when the next may go
}

// change is a call that waits for its content to be in the room.
type change struct {
	call    int32
	version int32
	due     float64
	ms      float64
}

// driveHold does what is missing and may be done now.
func (c *Client) driveHold(now session.Now, h *hold) {
	if c.Status() == session.Failed && !h.started && !h.leaving.wanted {
		c.failStart(now, h, c.Failure())
	}
	c.settleStart(now, h)
	for range 8 + 2*maxStrays { // what fails at once makes something else due
		c.expireHold(now, h)
		if h.over || !c.driveOnce(now, h) {
			return
		}
	}
}

// driveOnce reports whether it did anything.
func (c *Client) driveOnce(now session.Now, h *hold) bool {
	switch {
	case h.leaving.wanted:
		return c.driveLeave(now, h)
	case h.hidden:
		return false // its leave is on the way
	case h.status.final():
		return false // failed: it waits to be released
	case c.driveStrays(now, h):
		return true
	case h.wantsLeave() && now.Mono >= h.schedule.at:
		c.scheduleLeave(now, h)
	case h.wantsState() && now.Mono >= h.state.at:
		c.sendState(now, h)
	default:
		if h.wantsProof() {
			h.nextAt, h.urgent = now.Mono, true
		}
		acks := h.acks
		posted := c.refreshDue(now, h.keeper)
		if posted {
			h.verifying = max(h.verifying, acks)
		}
		return posted
	}
	return true
}

func (h *hold) wantsLeave() bool {
	return h.ticket == nil && !h.schedule.posted && !h.unprotected
}

func (h *hold) wantsState() bool {
	return h.dirty && !h.state.posted && (h.ticket != nil || h.unprotected)
}

// wantsProof: a state that was written since the last refresh may have
// cancelled the leave, as servers of June 2024 and Synapse up to 1.126 do.
func (h *hold) wantsProof() bool {
	return h.ticket != nil && !h.dirty && !h.state.posted && h.verifying < h.acks
}

// next is when the hold has something to do, if not before at.
func (h *hold) next(now session.Now, at float64) float64 {
	soon := func(t float64) {
		if t > now.Mono && t < at {
			at = t
		}
	}
	if h.hidden {
		at = math.Inf(1)
	}
	for i := range h.changes {
		soon(h.changes[i].due)
	}
	switch {
	case h.leaving.done:
		soon(h.leaving.due)
		return h.nextStray(now, at, true)
	case h.leaving.wanted:
		soon(h.leaving.due)
		soon(h.leaving.at)
		soon(h.leaving.patience)
		return at
	case h.status.final():
		return at
	}
	if !h.started {
		soon(h.startDue)
	}
	if h.hidden {
		return at
	}
	if h.wantsLeave() {
		soon(h.schedule.at)
	}
	if h.wantsState() {
		soon(h.state.at)
	}
	return h.nextStray(now, at, h.ticket != nil)
}

// expireHold keeps the hold's own deadlines.
func (c *Client) expireHold(now session.Now, h *hold) {
	for i := 0; i < len(h.changes); i++ {
		if u := h.changes[i]; now.Mono >= u.due {
			c.settleChange(h, i, overdue("the new content is not in the room in time", u.ms))
			i--
		}
	}
	switch {
	case h.leaving.wanted:
		if now.Mono >= h.leaving.due {
			c.leaveOverdue(now, h)
		}
	case !h.started && h.startDue != 0 && now.Mono >= h.startDue:
		if h.without && !h.unprotected && h.ticket == nil {
			h.unprotected, h.startDue = true, now.Mono+h.deadlineMs
			return
		}
		err := h.lastErr
		if err == nil {
			err = overdue("the host did not finish the start of the hold in time", h.deadlineMs)
		}
		c.failStart(now, h, err)
	}
}

func overdue(message string, ms float64) *protocol.Error {
	return &protocol.Error{Code: protocol.CodeTimeout, Message: message, DeadlineMs: ms}
}

// proved takes an acknowledged refresh: what was written before it has not cost
// the leave.
func (h *hold) proved(acks int32) {
	h.verified = max(h.verified, acks)
	if h.verified == h.acks && !h.state.posted {
		h.excused = h.writes
	}
}

// updateHold takes a new content: the latest wins.
func (c *Client) updateHold(now session.Now, h *hold, p *pending, args []protocol.Field) *protocol.Error {
	content := protocol.Get(args, protocol.Content)
	switch {
	case content.Kind != protocol.Opaque:
		return protocol.Invalid(protocol.Content, "must be an object")
	case h.leaving.wanted || h.status.final():
		return protocol.NewError(protocol.CodeSpent, "the hold has ended")
	case len(h.changes) >= session.MaxWaiting:
		return protocol.NewError(protocol.CodeBusy, "too many calls are waiting")
	}
	ms := p.deadlineMs
	if ms == 0 {
		ms = c.cfg.Session.DeadlineMs
	}
	h.version++
	h.event.Content, h.dirty = content, true
	h.changes = append(h.changes, &change{p.call, h.version, now.Mono + ms, ms})
	return nil
}

// settleChange settles one of the changes.
func (c *Client) settleChange(h *hold, i int, err *protocol.Error) {
	call := h.changes[i].call
	h.changes = without(h.changes, i)
	if err != nil {
		c.Fail(call, err)
	} else {
		c.Add(session.Settle, call)
	}
}

// sameState reports whether the two are the same piece of a room's state.
func sameState(a, b *protocol.Event) bool {
	return a.Type.Str == b.Type.Str && a.StateKey.Str == b.StateKey.Str && a.RoomID.Str == b.RoomID.Str
}
