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
	if err := c.readHold(h, args); err != nil {
		return err
	}
	k := h.keeper
	if err := c.addKeeper(k, p.call); err != nil {
		return err
	}
	k.hold = h
	k.pace(h.refreshMs, 0, c.cfg.Session.DeadlineMs, 0)
	h.strays = c.takeGhosts(now, &h.event)
	for _, old := range c.keepers {
		if o := old.hold; o != nil && o != h && !old.over && sameState(&o.event, &h.event) {
			c.replace(now, o, h)
		}
	}
	return nil
}

// readHold checks the arguments.
func (c *Client) readHold(h *hold, args []protocol.Field) (err *protocol.Error) {
	if h.event, err = protocol.ParseEvent(args, c.cfg.RoomID); err != nil {
		return err
	}
	if h.event.Redaction() || protocol.Get(args, protocol.LeaveContentRedacts).Set() {
		return protocol.Unsupported("leaveContent: a redaction cannot be a future: hosts redact at once")
	}
	if h.event.StateKey.Kind != protocol.Text {
		return protocol.Invalid(protocol.StateKey, "must be a string: what is held is a state event")
	}
	h.event.Msgtype = protocol.Value{}
	if h.leave = protocol.Get(args, protocol.LeaveContent); h.leave.Kind == protocol.Absent {
		h.leave = protocol.Value{Kind: protocol.Opaque}
	}
	if h.leave.Kind != protocol.Opaque {
		return protocol.Invalid(protocol.LeaveContent, "must be an object")
	}
	if h.timeoutMs, err = protocol.Duration(args, protocol.TimeoutMs); err != nil {
		return err
	}
	if h.timeoutMs == 0 {
		return protocol.Invalid(protocol.TimeoutMs, "is needed: how long after the last refresh the leave is sent")
	}
	if h.refreshMs, err = readMs(args, protocol.RefreshMs, h.timeoutMs); err != nil {
		return err
	}
	if err = readFlag(args, protocol.LeaveOnPageHide, &h.onPageHide); err == nil {
		err = readFlag(args, protocol.WithoutFuture, &h.without)
	}
	switch {
	case err != nil:
	case c.cfg.Dialect.Tokens() && c.cfg.HomeserverURL == "":
		err = needsHomeserver()
	case c.cfg.Dialect != protocol.Auto && !h.without:
		f := h.future()
		err = f.Fits(c.cfg.Dialect)
	}
	return err
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

// future is the leave as it is asked for.
func (h *hold) future() protocol.Future {
	f := protocol.Future{Event: h.event, TimeoutMs: h.timeoutMs}
	f.Content = h.leave
	return f
}

// settleStart gives the page its hold: when it is held for the first time, or
// when the time is up and the state is in the room.
func (c *Client) settleStart(now session.Now, h *hold) {
	if h.started || h.leaving.wanted || h.acks == 0 {
		return
	}
	if h.unprotected || h.ticket != nil && h.verified == h.acks || now.Mono >= h.startDue {
		h.started = true
		c.Add(session.Settle, h.call)
	}
}
