package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// Call takes a call of the page. What is wrong with its arguments is known at
// once and settles it; what depends on the host waits until that is known.
func (c *Client) Call(now session.Now, kind CallKind, call int32, args []protocol.Field) {
	p := pending{kind: kind, call: call}
	err := c.closing()
	if err == nil {
		err = c.read(&p, args)
	}
	if err != nil {
		c.refuseCall(kind, call, err)
		return
	}
	switch kind {
	case KeepAlive, HoldState, UpdateHold, ReleaseHold:
		err = c.callKeeper(now, &p, args)
	case RequestCapabilities:
		list, _ := protocol.Texts(args, protocol.Capabilities)
		c.Session.RequestCapabilities(now, call, list, p.deadlineMs)
	case ContentLoaded:
		c.Session.ContentLoaded(now, call)
	default:
		if !c.try(now, &p) {
			c.wait(now, &p)
		}
	}
	if err != nil {
		c.refuseCall(kind, call, err)
	}
	c.rest(now)
}

// refuseCall settles a call at once. A hold's number is the hold's until it is
// said to be free.
func (c *Client) refuseCall(kind CallKind, call int32, err *protocol.Error) {
	c.Fail(call, err)
	if kind == HoldState {
		c.Add(session.Over, call)
	}
}

// read checks the arguments of a call.
func (c *Client) read(p *pending, args []protocol.Field) (err *protocol.Error) {
	deadline := protocol.DeadlineMs
	if p.kind >= FirstAction {
		deadline = protocol.ArgDeadlineMs
	}
	if v := protocol.Get(args, deadline); v.Kind != protocol.Absent {
		if v.Kind != protocol.Number || !(v.Num > 0 && v.Num <= protocol.MaxDurationMs) {
			return protocol.Invalid(protocol.DeadlineMs, "must be a number of milliseconds above 0, at most 2147483647")
		}
		p.deadlineMs = v.Num
	}
	switch p.kind {
	case SendEvent:
		p.future.Event, err = protocol.ParseEvent(args, c.cfg.RoomID)
	case SendFuture:
		p.future, err = protocol.ParseFuture(args, c.cfg.RoomID)
		if err == nil && c.cfg.Session.Dialect != protocol.Auto {
			err = p.future.Fits(c.cfg.Session.Dialect)
		}
	case RefreshFuture, CancelFuture, SendFutureNow:
		err = c.readVerb(p, args)
	case Request:
		err = readRequest(p, args)
	case RequestCapabilities:
		if list, ok := protocol.Texts(args, protocol.Capabilities); !ok || !nonEmpty(list) {
			err = protocol.Invalid(protocol.Capabilities, "must be a list of non-empty strings")
		}
	default:
		if p.kind >= FirstAction {
			p.fields, err = protocol.Actions[p.kind-FirstAction].Append(nil, args, &c.cfg.RoomID)
		}
	}
	return err
}

func nonEmpty(list []string) bool {
	for _, s := range list {
		if s == "" {
			return false
		}
	}
	return true
}

// readRequest checks a raw request. It is no way round the gate: a send_event
// that any generation takes for a future is refused, as is the one action that
// must not be sent twice.
func readRequest(p *pending, args []protocol.Field) *protocol.Error {
	p.action = protocol.Get(args, protocol.ActionName)
	p.payload = protocol.Get(args, protocol.Payload)
	if p.action.Kind != protocol.Text || p.action.Str == "" {
		return protocol.Invalid(protocol.ActionName, "must be a non-empty string")
	}
	if p.payload.Kind != protocol.Absent && p.payload.Kind != protocol.Opaque {
		return protocol.Invalid(protocol.Payload, "must be an object")
	}
	switch p.action.Str {
	case protocol.ActContentLoaded.String():
		return protocol.Invalid(protocol.ActionName, "use contentLoaded: content_loaded must not be sent twice")
	case protocol.ActRequestCapabilities.String():
		return protocol.Invalid(protocol.ActionName, "use requestCapabilities: hosts mix parallel requests up")
	case protocol.ActSendEvent.String():
		for path := protocol.PayloadDelay; path <= protocol.PayloadParentFutureID; path++ {
			if protocol.Get(args, path).Kind != protocol.Absent {
				return protocol.Invalid(path, "use sendFuture: a host that does not know it sends the event at once")
			}
		}
	}
	return nil
}
