package future

import (
	"math"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// hold keeps a state in the room as long as the page lives, and its leave
// scheduled at the homeserver (design §5.4). What is known stands in the two
// records of its place, that of the leaves and that of the room, and here, what
// was asked for; [Client.next] makes of it the one thing to do next. The rules,
// and what follows from them, stand in HOLD.md.
type hold struct {
	*keeper
	place   *place
	content protocol.Value // wanted, the latest
	leave   protocol.Value // the content of the leave

	refreshMs  float64 // 0: a part of the timeout
	deadlineMs float64 // of the start, and of a release
	stepMs     float64 // of one request of the hold's, which then goes out again
	onPageHide bool
	without    bool // hold also where no leave can be scheduled

	startDue    float64 // 0: not begun
	started     bool    // the page has its hold
	hidden      bool    // the page is going, or in the back/forward cache
	unprotected bool    // it does without a leave, as the page allowed

	present     *leave  // the leave that the keeper refreshes; nil: there is none
	asking      *leave  // the attempt under way
	askAt       float64 // when the next may go
	shortenings int     // in a row, of a timeout that was too long
	rearms      []float64
	proof       proof

	dirty       bool // the room has not what it should
	absent      bool // a leave may be in the room
	overwritten bool // in our own name, and the leave was not proved since
	state       write
	unanswered  int     // states that were given up
	landsBefore float64 // the last of them, if it does
	version     int32
	good        protocol.Value // the content that was acknowledged last
	changes     []*change
	lastErr     *protocol.Error // why the start does not come to its end

	end release
}

// proof is whether the leave is known to be scheduled. What may have cost it, or
// been it, is a doubt: an own write that the server has taken, or may have, and an
// event told in our own name. A doubt is gone when a refresh that was posted after
// it is acknowledged.
type proof struct {
	doubts int32 // so far
	asked  int32 // when the last refresh was posted
	given  int32 // when the last acknowledged one was
	wrote  bool  // a write was posted since there was no doubt last
}

// write is a state event of a hold's; one is under way at a time.
type write struct {
	number int32
	posted bool    // under way
	taken  bool    // one was, at some time
	at     float64 // when the next may go
	// refusedAt is as a keeper's.
	refusedAt float64
	version   int32 // of its content
	content   protocol.Value
}

// change is a call that waits for its content to be in the room.
type change struct {
	call    int32
	version int32
	due     float64
	ms      float64
}

// step is one thing that a hold can do.
type step int32

const (
	rest step = iota
	giveWay
	writeAgain
	takeAsFired
	cancelLeave
	scheduleLeave
	writeState
	refreshLeave
	sendLeave
	writeLeave
	stayAway
	finish
)

// sure reports whether the leave is known to be scheduled, and cannot have gone
// out by either clock, neither of which has jumped since.
func (h *hold) sure(now session.Now) bool {
	return h.present != nil && h.proof.given == h.proof.doubts && !h.jumped && !h.present.ticket.mayHaveFired(now)
}

// mayDoWithout reports whether the page allowed to write without protection, and
// there is none, or none that can be proved.
func (h *hold) mayDoWithout() bool { return h.unprotected || h.without && h.refusedAt != 0 }

// agenda tells what is due from what will be. It is no closure, which would be
// allocated for each hold at every input.
type agenda struct{ now, at float64 }

func (a *agenda) due(t float64) bool {
	if t > a.now {
		a.at = min(a.at, t)
	}
	return t <= a.now
}

// next is what there is to do now: the first of the rules that applies. Where
// none does it is rest, and at is when one may.
func (c *Client) next(now session.Now, h *hold) (do step, about *leave, at float64) {
	a := agenda{now.Mono, math.Inf(1)}
	ending := h.end.wanted
	if h.over || !ending && (h.hidden || h.status.final()) {
		return rest, nil, a.at // its leave is on the way, or it has failed and waits to be released
	}

	// Fight nobody; held is a claim that what is told may refute.
	if s, proved, ok := h.place.room.newest(); ok && !ending && h.state.number > 0 {
		newer := proved || !h.state.posted && a.due(h.place.room.since+h.everyMs/3)
		switch foreign := c.foreign(h.place, s); {
		case foreign && (newer || h.place.room.echoed):
			return giveWay, nil, a.at
		case !foreign && newer && !h.state.posted:
			return writeAgain, nil, a.at
		}
	}

	// Leaves that were lost sight of count as going out. They are cancelled only
	// while another is known to be scheduled, or the room is to be without us.
	if !ending || h.end.done {
		for _, l := range h.place.leaves {
			switch {
			case l == h.present || l.state == awaited:
			case a.due(l.by):
				return takeAsFired, l, a.at
			case l.state == scheduled && (ending || h.unprotected || h.sure(now)) && c.reaches(l.ticket) && a.due(l.cancelAt):
				return cancelLeave, l, a.at
			}
		}
	}

	switch {
	case ending: // in left
		do = c.nextEnd(now, h, &a)
		return do, nil, a.at
	case h.present == nil && !h.unprotected: // protect before presence
		if h.asking == nil && c.Room() && a.due(h.askAt) {
			return scheduleLeave, nil, a.at
		}
	case h.dirty && !h.state.posted && (h.sure(now) || h.mayDoWithout()) && c.Room() && a.due(h.state.at):
		return writeState, nil, a.at
	case h.present != nil:
		if h.proof.asked < h.proof.doubts && !h.state.posted {
			h.nextAt, h.urgent = now.Mono, true
		}
		if a.due(h.present.ticket.expires.Mono); a.due(c.refreshAt(now, h.keeper)) {
			return refreshLeave, nil, a.at
		}
	}
	return rest, nil, a.at
}

// do does it.
func (c *Client) do(now session.Now, h *hold, do step, about *leave) {
	switch do {
	case giveWay:
		c.displaced(now, h)
	case writeAgain:
		c.overwritten(now, h)
	case takeAsFired:
		h.fired(about)
	case cancelLeave:
		c.cancel(now, h.place, about)
	case scheduleLeave:
		c.scheduleLeave(now, h)
	case writeState:
		c.writeState(now, h)
	case refreshLeave:
		h.proof.asked = h.proof.doubts
		c.refresh(now, h.keeper)
	case sendLeave:
		h.end.flight = true
		c.postVerb(now, h.keeper, h.present.ticket, protocol.Send)
	case writeLeave:
		c.writeLeave(now, h)
	case stayAway:
		h.setAside()
		h.left(c, now)
	case finish:
		h.over = true
	}
}

// driveHold does what there is to do now.
func (c *Client) driveHold(now session.Now, h *hold) {
	if c.Status() == session.Failed && !h.started && !h.end.wanted {
		c.failStart(now, h, c.Failure())
	}
	if !h.end.wanted {
		h.expireRefreshes(now)
	}
	for range 8 + 2*maxLeaves { // what fails at once makes something else due
		c.settleStart(now, h)
		c.expireHold(now, h)
		do, about, _ := c.next(now, h)
		if do == rest {
			return
		}
		c.do(now, h, do, about)
	}
}

// wakeOf is when the hold has something to do.
func (c *Client) wakeOf(now session.Now, h *hold) float64 {
	do, _, at := c.next(now, h)
	if do != rest {
		at = now.Mono
	}
	for _, u := range h.changes {
		at = min(at, u.due)
	}
	switch {
	case h.end.wanted:
		at = min(at, h.end.due)
	case !h.started && h.startDue > now.Mono:
		at = min(at, h.startDue)
	}
	return at
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
	case h.end.wanted:
		if now.Mono >= h.end.due {
			c.endOverdue(now, h)
		}
	case !h.started && h.startDue != 0 && now.Mono >= h.startDue:
		if h.without && !h.unprotected && h.present == nil {
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

// updateHold takes a new content: the latest wins.
func (c *Client) updateHold(now session.Now, h *hold, p *pending, args []protocol.Field) *protocol.Error {
	content := protocol.Get(args, protocol.Content)
	switch {
	case content.Kind != protocol.Opaque:
		return protocol.Invalid(protocol.Content, "must be an object")
	case h.end.wanted || h.status.final():
		return protocol.NewError(protocol.CodeSpent, "the hold has ended")
	case len(h.changes) >= session.MaxWaiting:
		return protocol.NewError(protocol.CodeBusy, "too many calls are waiting")
	}
	ms := p.deadlineMs
	if ms == 0 {
		ms = c.cfg.Session.DeadlineMs
	}
	h.version++
	h.content, h.dirty = content, true
	h.changes = append(h.changes, &change{p.call, h.version, now.Mono + ms, ms})
	if h.present != nil && h.present.ticket.mayHaveFired(now) {
		h.proof.doubts++ // the next refresh is not to be waited for
	}
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
