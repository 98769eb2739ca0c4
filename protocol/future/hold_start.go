package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// startHold reads a hold and begins it.
func (c *Client) startHold(now session.Now, p *pending, args []protocol.Field) *protocol.Error {
	h := &hold{keeper: &keeper{}, deadlineMs: p.deadlineMs, onPageHide: true, dirty: true, version: 1}
	if h.deadlineMs == 0 {
		h.deadlineMs = c.cfg.Session.DeadlineMs
	}
	event, err := c.readHold(h, args)
	if err != nil {
		return err
	}
	k := h.keeper
	if err := c.addKeeper(k, p.call); err != nil {
		return err
	}
	k.hold = h
	k.pace(h.refreshMs, 0, c.cfg.Session.DeadlineMs, 0)
	h.place = c.place(&event)
	if old := h.place.holder; old != nil {
		c.replace(now, old)
	}
	h.place.holder = h
	h.place.room.echoed = false
	c.heard(now, args)
	return nil
}

// readHold checks the arguments.
func (c *Client) readHold(h *hold, args []protocol.Field) (event protocol.Event, err *protocol.Error) {
	if event, err = protocol.ParseEvent(args, c.cfg.RoomID); err != nil {
		return event, err
	}
	if event.Redaction() || protocol.Get(args, protocol.LeaveContentRedacts).Set() {
		return event, protocol.Unsupported("leaveContent: a redaction cannot be a future: hosts redact at once")
	}
	if event.StateKey.Kind != protocol.Text {
		return event, protocol.Invalid(protocol.StateKey, "must be a string: what is held is a state event")
	}
	event.Msgtype = protocol.Value{}
	h.content = event.Content
	if h.leave = protocol.Get(args, protocol.LeaveContent); h.leave.Kind == protocol.Absent {
		h.leave = protocol.Value{Kind: protocol.Opaque}
	}
	if h.leave.Kind != protocol.Opaque {
		return event, protocol.Invalid(protocol.LeaveContent, "must be an object")
	}
	if h.timeoutMs, err = protocol.Duration(args, protocol.TimeoutMs); err != nil {
		return event, err
	}
	if h.timeoutMs == 0 {
		return event, protocol.Invalid(protocol.TimeoutMs, "is needed: how long after the last refresh the leave is sent")
	}
	if h.refreshMs, err = readMs(args, protocol.RefreshMs, h.timeoutMs); err != nil {
		return event, err
	}
	if err = readFlag(args, protocol.LeaveOnPageHide, &h.onPageHide); err == nil {
		err = readFlag(args, protocol.WithoutFuture, &h.without)
	}
	switch {
	case err != nil:
	case c.cfg.Session.Dialect.Tokens() && c.cfg.HomeserverURL == "":
		err = needsHomeserver()
	case c.cfg.Session.Dialect != protocol.Auto && !h.without:
		f := protocol.Future{Event: event, TimeoutMs: h.timeoutMs}
		err = f.Fits(c.cfg.Session.Dialect)
	}
	return event, err
}

// readFlag reads an optional boolean.
func readFlag(args []protocol.Field, p protocol.Path, to *bool) *protocol.Error {
	switch v := protocol.Get(args, p); v.Kind {
	case protocol.Absent:
	case protocol.False, protocol.True:
		*to = v.Kind == protocol.True
	default:
		return protocol.Invalid(p, "must be a boolean")
	}
	return nil
}

// settleStart gives the page its hold: when it is held for the first time, or
// when the time is up and the state is in the room.
func (c *Client) settleStart(now session.Now, h *hold) {
	if h.started || h.end.wanted || !h.state.taken {
		return
	}
	if !h.absent && (h.unprotected || h.sure(now)) || now.Mono >= h.startDue {
		h.started = true
		c.Add(session.Settle, h.call)
	}
}

// failStart ends a hold that could not start; err is nil when the page gave it
// up. What may be in the room or at the server is taken back.
func (c *Client) failStart(now session.Now, h *hold, err *protocol.Error) {
	if err != nil {
		c.Fail(h.call, err)
	}
	c.releaseHold(now, h, 0, 0)
	h.end.mute = true
}

// replace lets a new hold of the same place take an old one's.
func (c *Client) replace(now session.Now, old *hold) {
	if old.end.wanted && !old.end.done {
		for _, call := range old.end.calls {
			c.Add(session.Settle, call) // the new hold takes over what is in the room
		}
		old.end.calls = nil
	}
	old.setAside()
	if !old.status.final() {
		c.endHold(old, Displaced)
	}
	old.over = true
	old.part(now)
}

// part leaves the place, whose leaves the next hold has to know.
func (h *hold) part(now session.Now) {
	h.setAside()
	h.loseSight(now)
	for _, l := range h.place.leaves {
		if l.state == cancelling {
			l.state = scheduled // nobody hears the answer
		}
	}
	if h.place.holder == h {
		h.place.holder = nil
	}
}
