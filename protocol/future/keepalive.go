package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// startKeepAlive begins to refresh a future that the page holds.
func (c *Client) startKeepAlive(now session.Now, call int32, args []protocol.Field) *protocol.Error {
	if protocol.Get(args, protocol.Ended).Kind == protocol.True {
		return protocol.NewError(protocol.CodeSpent, "the future is gone: it was sent or cancelled")
	}
	t, err := readTicket(args)
	if err == nil && t.timeoutMs == 0 {
		err = protocol.Unsupported("an action future cannot be kept alive: it has no timer")
	}
	if err == nil {
		_, err = c.way(protocol.Refresh, &t)
	}
	if err != nil {
		return err
	}
	everyMs, err := readMs(args, protocol.EveryMs, t.timeoutMs)
	if err != nil {
		return err
	}
	attemptMs, err := readMs(args, protocol.AttemptDeadlineMs, protocol.MaxDurationMs)
	if err != nil {
		return err
	}
	overlap := protocol.Get(args, protocol.Overlap)
	if overlap.Kind != protocol.Absent &&
		(overlap.Kind != protocol.Number || overlap.Num != 1 && overlap.Num != 2 && overlap.Num != maxOverlap) {
		return protocol.Invalid(protocol.Overlap, "must be 1, 2 or 3")
	}
	k := &keeper{}
	if err := c.addKeeper(k, call); err != nil {
		return err
	}
	t.expires = now // nothing is known: refresh at once
	if at := protocol.Get(args, protocol.ExpiresAt); at.Kind == protocol.Number && at.Num <= now.Wall+t.timeoutMs {
		t.expires = session.Now{Mono: now.Mono + at.Num - now.Wall, Wall: at.Num}
	}
	c.lastTicket++
	t.id = c.lastTicket
	k.ticket, k.timeoutMs, k.status = &t, t.timeoutMs, Alive
	k.pace(everyMs, attemptMs, c.cfg.Session.DeadlineMs, int(overlap.Num))
	k.nextAt = c.firstAt(k)
	return nil
}

// readMs reads an optional duration below a bound; 0 means absent.
func readMs(args []protocol.Field, p protocol.Path, bound float64) (float64, *protocol.Error) {
	v := protocol.Get(args, p)
	switch {
	case v.Kind == protocol.Absent:
		return 0, nil
	case v.Kind != protocol.Number || !(v.Num > 0 && v.Num < bound):
		return 0, protocol.Invalid(p, "must be a number of milliseconds above 0"+below(bound))
	}
	return v.Num, nil
}

func below(bound float64) string {
	if bound == protocol.MaxDurationMs {
		return ""
	}
	return " and below timeoutMs"
}

// abortKeeper stops a keepAlive, or gives up the start of a hold.
func (c *Client) abortKeeper(now session.Now, call int32) bool {
	for _, k := range c.keepers {
		if k.endingCall == call {
			k.endingCall = 0
		}
		if k.hold != nil && k.hold.abort(call) {
			return true
		}
		if k.call != call || k.over {
			continue
		}
		switch {
		case k.hold == nil:
			k.finish(Stopped, nil)
		case !k.hold.started && !k.hold.end.wanted:
			c.failStart(now, k.hold, nil)
		}
		return true
	}
	return false
}

// abort gives up a call about the hold: what it asked for goes on.
func (h *hold) abort(call int32) bool {
	for i := range h.changes {
		if h.changes[i].call == call {
			h.changes = without(h.changes, i)
			return true
		}
	}
	for i, waiting := range h.end.calls {
		if waiting == call {
			h.end.calls = append(h.end.calls[:i], h.end.calls[i+1:]...)
			return true
		}
	}
	return false
}

// closeKeepers stops what is kept alive and releases what is held.
func (c *Client) closeKeepers(now session.Now) {
	for _, k := range c.keepers {
		switch {
		case k.over:
		case k.hold == nil:
			k.finish(Stopped, nil)
		case !k.hold.started && !k.hold.end.wanted:
			c.failStart(now, k.hold, session.ClosedError())
		default:
			k.hold.end.due = min(k.hold.end.due, now.Mono+c.cfg.Session.DeadlineMs)
			for len(k.hold.changes) > 0 {
				c.settleChange(k.hold, 0, session.ClosedError())
			}
			c.releaseHold(now, k.hold, 0, 0)
		}
	}
}
